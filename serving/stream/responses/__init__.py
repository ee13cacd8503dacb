"""Responses with the bytes of a file: planned by HTTP's rules, read from a root, sent by us or by nginx."""

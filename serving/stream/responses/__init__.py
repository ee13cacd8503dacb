"""Responses with the bytes of a file: planned by RFC 9110, read from a root, sent by us or by nginx."""

"""Catalogue: files that show the same programme become one title; a person's word wins over every rule.

The functions on titles take a session and answer what is to be announced once its transaction is committed.
"""

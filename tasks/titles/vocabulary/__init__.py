"""The vocabulary of the archive: events and games, series and places, production marks, spellings of names.

Data to read and to extend; see docs/titles.md. Patterns are case-insensitive and match whole words.
"""

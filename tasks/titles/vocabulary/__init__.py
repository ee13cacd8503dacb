"""What words of the archive mean: events and games, series and places, production marks, people's spelling.

Data, to be read and extended; docs/titles.md says how. Patterns are case-insensitive and match whole words.
"""

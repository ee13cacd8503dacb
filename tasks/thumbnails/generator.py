"""The version of the pictures, and the error of a file that has none: what a process that decodes nothing knows."""

from __future__ import annotations

GENERATOR = 2
"""The version of what `tasks.thumbnails.pictures` makes. Raise it to have every picture made again."""

SHEET_COLUMNS, SHEET_ROWS = 6, 4
SHEET = SHEET_COLUMNS * SHEET_ROWS
"""Posters on a contact sheet."""


class UndecodableError(Exception):
    """No picture of the file can be decoded; the message is for people."""

"""Facts about pictures for processes that decode none: their version, their sheets, and their error."""

from __future__ import annotations

GENERATOR = 3
"""The version of the pictures. After an increase, `make-thumbnails` gradually makes older ones again."""

SHEET_COLUMNS, SHEET_ROWS = 6, 4
SHEET = SHEET_COLUMNS * SHEET_ROWS
"""Posters on a contact sheet."""


class UndecodableError(Exception):
    """No picture of the file can be decoded; the message is for users."""

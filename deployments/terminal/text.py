"""Text for a terminal: names of files may hold bytes and characters that no terminal can show."""

from __future__ import annotations

from typing import Any


def encodable(text: str) -> str:
    """Return text that any output can encode: bytes that are not UTF-8 (PEP 383) become `\\xff`."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def printable(text: Any) -> str:
    """Return text for a terminal: control characters, such as in names of files, become spaces."""
    return "".join(character if character.isprintable() else " " for character in encodable(str(text)))

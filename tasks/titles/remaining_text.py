"""The text that no rule has read: placeholders replace the parts that were read."""

from __future__ import annotations

import re

from tasks.titles.cleanup import tidy

TAKEN, BREAK = "\x01", "\x02"
"""The placeholders of parts that were read; `BREAK` also ends the words of the event."""

_SEPARATORS = " -_.,:;|()[]&+#'"
_PLACEHOLDERS = re.compile(f"[{TAKEN}{BREAK}]+")
_LOOSE = re.compile(r"\s[-–|]+(?=\s)|[\[\]()]")


def remaining(text: str) -> str:
    """Return the text that no rule took, without the separators around it."""
    pieces = (piece.strip(_SEPARATORS) for piece in _PLACEHOLDERS.split(text))
    return tidy(" ".join(_LOOSE.sub(" ", piece) for piece in pieces if piece))


def take(text: str, start: int, end: int, placeholder: str = TAKEN) -> str:
    """Return a text of the same length in which a part is replaced by placeholders."""
    return text[:start] + placeholder * (end - start) + text[end:]

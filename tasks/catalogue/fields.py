"""The fields of a title that moderators may edit: JSON values, and texts from the command line."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from catalog_models.errors import ExpectedError
from catalog_models.values import FIELD_VALUES, TITLE_FIELDS
from tasks.titles import BRANDS

EDITABLE = frozenset(["title", "short_title", "description", "date", *TITLE_FIELDS])
"""The columns of `contents` that moderators may set."""

_VALUES = {**FIELD_VALUES, "brand": BRANDS}
_REQUIRED = ("title", "short_title")
_NUMBERS = frozenset(["year", "event_number", "buy_in", "part", "season", "episode", "hand_number"])
_LISTS = frozenset(["players", "hands"])
# Characters. Titles are indexed, and an entry of a B-tree has at most 2,704 bytes.
_LONGEST = 500
_LENGTHS = {"description": 2_000, "game": 50, "currency": 50, "day": 50}
# Entries of a list.
_MOST = 100
_LARGEST = 2**31 - 1
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


class InvalidEditError(ExpectedError):
    """The value is not valid for the field."""

    code = "invalid_edit"


def check_field(field: str) -> None:
    """Raise `InvalidEditError` if moderators cannot set this field."""
    if field not in EDITABLE:
        raise InvalidEditError(
            f"{field[:80]} is not a field of a title; the fields are {', '.join(sorted(EDITABLE))}"
        )


def check_edit(field: str, value: Any) -> Any:
    """Return the value to store for a JSON value.

    Numbers are whole, dates are texts like 2024-12-17, and lists contain texts. None and an empty text clear
    the field. Raise `InvalidEditError`.
    """
    check_field(field)
    if isinstance(value, str):
        value = value.strip() or None
    if value is not None:
        return _check_of(field)(field, value)
    if field in _REQUIRED:
        raise InvalidEditError(f"{field} cannot be empty; undo its edit to use the rules again")
    return None


def schema_of(field: str) -> dict[str, Any]:
    """Return the JSON Schema of the values that `check_edit` takes for a field; null stands for no value."""
    text = {"type": "string", "maxLength": _LENGTHS.get(field, _LONGEST)}
    if field in _NUMBERS:
        return {"type": "integer", "minimum": 0, "maximum": _LARGEST}
    if field in _LISTS:
        entry = {"anyOf": [text, {"type": "null"}]} if field == "hands" else text
        return {"type": "array", "items": entry, "maxItems": _MOST}
    if field == "date":
        return {"type": "string", "format": "date", "pattern": _DATE}
    return {"type": "string", "enum": list(_VALUES[field])} if field in _VALUES else text


def parse_edit(field: str, text: str) -> Any:
    """Return the value that a text from the command line stands for. Raise `InvalidEditError`."""
    check_field(field)
    text = text.strip()
    if field in _NUMBERS and text.isascii() and text.isdigit():
        return check_edit(field, int(text[:20]))
    if field in _LISTS and text:
        return check_edit(field, [part for part in text.split(",") if part.strip()])
    return check_edit(field, text)


def _check_of(field: str) -> Callable[[str, Any], Any]:
    if field in _NUMBERS:
        return _number
    if field in _LISTS:
        return _list
    return _date if field == "date" else _words


def _number(field: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST:
        raise InvalidEditError(f"{field} takes a whole number up to {_LARGEST:,}, not {_shown(value)}")
    return value


def _list(field: str, value: Any) -> list[str | None]:
    """Check players, or their hands in the same order; an unknown hand is None."""
    unknown = field == "hands"
    if not isinstance(value, list) or not all(isinstance(v, str) or (v is None and unknown) for v in value):
        raise InvalidEditError(f"{field} takes a list of texts, not {_shown(value)}")
    if len(value) > _MOST:
        raise InvalidEditError(f"{field} takes at most {_MOST} entries")
    return [entry and _text(field, entry) for entry in value if entry is None or entry.strip()]


def _date(field: str, value: Any) -> str:
    # `fromisoformat` also takes 20241217 and 2024-W51-2.
    if isinstance(value, str) and re.fullmatch(_DATE, value):
        with suppress(ValueError):
            return dt.date.fromisoformat(value).isoformat()
    raise InvalidEditError(f"{field} takes a date like 2024-12-17, not {_shown(value)}")


def _words(field: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidEditError(f"{field} takes a text, not {_shown(value)}")
    if field in _VALUES and value not in _VALUES[field]:
        raise InvalidEditError(f"{field} is one of {', '.join(_VALUES[field])}, not {_shown(value)}")
    return _text(field, value)


def _text(field: str, text: str) -> str:
    most = _LENGTHS.get(field, _LONGEST)
    text = unicodedata.normalize("NFC", text.strip())
    if len(text) > most:
        raise InvalidEditError(f"{field} takes at most {most:,} characters of text")
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidEditError(f"{field} takes text, not {_shown(text)}")
    return text


def _shown(value: Any) -> str:
    """Return a short form of a value for a message, without characters that cannot be sent."""
    return ascii(value)[:80] if not isinstance(value, str) or not value.isprintable() else repr(value)[:80]

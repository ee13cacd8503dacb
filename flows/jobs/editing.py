"""What a person says of a title: checked, kept, and shown at once."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any

from sqlalchemy import select

from catalog_models.archive import MediaFile
from catalog_models.catalogue import Content
from catalog_models.errors import ExpectedError, RefusedError
from catalog_models.values import TITLE_FIELDS
from catalog_models.writes import content_overrides
from flows.jobs.cataloguing import regroup
from orchestration.transactions import Transaction

EDITABLE = frozenset(["title", "short_title", "description", "date", *TITLE_FIELDS])
"""The columns of `contents` that a person may set."""

_NUMBERS = frozenset(["year", "event_number", "buy_in", "part", "season", "episode", "hand_number"])
_LISTS = frozenset(["players", "hands"])
_WORDS = {
    "brand": ("WSOP", "GGMILLIONS", "GOG", "HCL", "MPP", "PAD", "OTHER"),
    "region": ("las_vegas", "europe", "paradise", "apac", "circuit", "super_circuit"),
    "event_type": ("main_event", "bracelet", "other"),
    "stage": ("final_table", "final_day", "heads_up", "final_four"),
    "content_type": ("stream", "episode", "hand_clip", "clip", "best_of"),
}
_LONGEST = 2_000  # characters of a text
_LARGEST = 2**31 - 1


class NoSuchTitleError(RefusedError):
    """There is no title with this id."""

    code = "no_such_title"


class InvalidEditError(ExpectedError):
    """What a field is to be set to is nothing that it can be."""

    code = "invalid_edit"


def parse_edit(field: str, text: str) -> Any:
    """The value that `text` means for a field; an empty text says that there is nothing. Raises `InvalidEditError`."""
    if field not in EDITABLE:
        raise InvalidEditError(f"{field} is no field of a title; there are {', '.join(sorted(EDITABLE))}")
    if not text.strip():
        if field in ("title", "short_title"):
            raise InvalidEditError(f"{field} cannot be empty; --undo {field} leaves it to the rules again")
        return None
    return _reader(field)(field, text.strip())


def _reader(field: str) -> Callable[[str, str], Any]:
    if field in _NUMBERS:
        return _number
    if field in _LISTS:
        return _list
    return _date if field == "date" else _words


def _number(field: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:20]) > _LARGEST:
        raise InvalidEditError(f"{field} takes a whole number, not {text!r}")
    return int(text)


def _list(_field: str, text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _date(field: str, text: str) -> str:
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise InvalidEditError(f"{field} takes a date like 2024-12-17, not {text!r}") from None


def _words(field: str, text: str) -> str:
    if field in _WORDS and text not in _WORDS[field]:
        raise InvalidEditError(f"{field} is one of {', '.join(_WORDS[field])}, not {text!r}")
    if len(text) > _LONGEST or "\0" in text:
        raise InvalidEditError(f"{field} takes at most {_LONGEST:,} characters of text")
    return text


def edit_title(
    transaction: Transaction, content_id: uuid.UUID, edits: Mapping[str, Any], undo: Collection[str], by: str
) -> str:
    """Keep a person's edits and show them at once; answers the title as it reads now. Raises `NoSuchTitleError`."""
    session = transaction.session
    content = session.get(Content, content_id)
    if content is None:
        raise NoSuchTitleError(
            f"there is no title with the id {content_id}: `wsoptv list --json` has the ids"
        )
    content_overrides.store(session, content_id, edits, by)
    content_overrides.forget(session, content_id, undo)
    regroup(transaction, session.scalars(select(MediaFile).where(MediaFile.content_id == content_id)).all())
    session.flush()
    session.refresh(content)
    return content.title

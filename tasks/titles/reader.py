"""Read a path: the file name, then its folders, nearest first, for the fields that the name leaves open."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from tasks.titles.archive_names import is_video_path
from tasks.titles.cleanup import clean, stem_of
from tasks.titles.display import display_title, short_title, words_of
from tasks.titles.draft import Draft, Reading
from tasks.titles.folder_defaults import fill
from tasks.titles.folders import read_folders
from tasks.titles.key import content_key, identifies_programme
from tasks.titles.shapes import read_shape
from tasks.titles.title import Title
from tasks.titles.vocabulary.series import OTHER, SOMEWHERE, WSOP
from tasks.titles.words import read_words

_DATE = re.compile(
    r"(?<![\dA-Za-z])(?:(?P<whole>20\d\d[01]\d[0-3]\d)|(?P<short>\d\d[01]\d[0-3]\d)|(?P<day>\A[01]\d[0-3]\d(?=_)))(?![\dA-Za-z])"
)
_WORDS_CONFIDENCE = 0.92
# The highest confidence if a name identifies no programme: a moderator should check it.
_GUESS = 0.45


@dataclass(frozen=True, slots=True)
class Explained:
    """A title, and its readings: those of the name, then those of each folder that filled a field."""

    title: Title
    readings: tuple[Reading, ...]


def read_title(path: str) -> Title:
    """Return the title of a path relative to its root. No string is an error."""
    return _read(path, Draft())


def explain_title(path: str) -> Explained:
    """Return the title as `read_title` does, and what was read where."""
    draft = Draft(readings=[])
    title = _read(path, draft)
    return Explained(title, tuple(draft.readings or ()))


def _read(path: str, draft: Draft) -> Title:
    if not is_video_path(path):
        return Title(path, ignored=True, confidence=1.0, rule="no-video")
    folder, _, name = path.rpartition("/")
    stem = stem_of(name)
    stem = _take_date(stem, draft)
    text = draft.text = clean(stem, draft)
    shape = read_shape(text, draft)
    if shape is None:
        read_words(text, draft)
    is_identified = identifies_programme(draft)
    for filling in read_folders(folder):
        fill(draft, filling)
    _complete(draft)
    rule = shape.name if shape else "words"
    confidence = _confidence(
        draft, shape.confidence if shape else _WORDS_CONFIDENCE, is_identified=is_identified
    )
    words = words_of(draft)
    whole = display_title(draft, words)
    key = content_key(
        draft,
        rule,
        f"{folder}/{stem}" if folder else stem,
        is_identified=is_identified or rule == "recording",
    )
    fields = {name: value for name, value in draft.fields.items() if value is not None}
    return Title(
        path,
        display_title=whole,
        short_title=short_title(draft, words, whole),
        content_key=key,
        confidence=confidence,
        rule=rule,
        **fields,
    )


def _take_date(stem: str, draft: Draft) -> str:
    """Remove a date of broadcast or production from a name.

    Month and day without a year take it from a folder.
    """
    found = _DATE.search(stem)
    if found is None:
        return stem
    digits = found["whole"] or (found["short"] and f"20{found['short']}")
    date = _valid(digits) if digits else f"-{found['day'][:2]}-{found['day'][2:]}" if found["day"] else None
    if date is None:
        return stem
    draft.record("date", found.group(), date=date)
    return stem[: found.start()] + " " + stem[found.end() :].lstrip("_ ")


def _valid(digits: str) -> str | None:
    try:
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).isoformat()
    except ValueError:
        return None


def _complete(draft: Draft) -> None:
    """Derive further fields: a missing brand, the year of a date, the type of content."""
    fields = draft.fields
    if draft.series is None:
        draft.series = OTHER
    if (fields.get("year") or draft.series.since) < draft.series.since:
        draft.series = SOMEWHERE
    fields["brand"], fields["region"] = draft.series.brand, draft.series.region
    date = fields.get("date")
    if date and date.startswith("-"):
        year = fields.get("year")
        fields["date"] = _valid(f"{year}{date.replace('-', '')}") if year else None
    if fields.get("event_type") == "bracelet" and (
        draft.series.region in ("circuit", "super_circuit") or draft.series.brand != "WSOP"
    ):
        fields["event_type"] = "other"
    if fields.get("event_number") is not None and fields.get("event_type") is None:
        fields["event_type"] = "bracelet"
    if "content_type" not in fields:
        fields["content_type"] = _content_type(draft)


def _content_type(draft: Draft) -> str | None:
    fields = draft.fields
    if "episode" in fields:
        return "episode"
    if any(fields.get(name) is not None for name in ("day", "stage", "event_number")):
        return "stream" if (fields.get("year") or 9999) > 2016 else "episode"
    if draft.series is OTHER:
        return None
    return "episode" if (fields.get("year") or 9999) <= 2016 else "stream"


def _confidence(draft: Draft, confidence: float, *, is_identified: bool) -> float:
    if draft.series is OTHER or not is_identified:
        return min(confidence, _GUESS if draft.number is None else 0.7)
    if draft.series is SOMEWHERE or (draft.series is WSOP and "year" not in draft.fields):
        return _GUESS if draft.series is SOMEWHERE else 0.6
    return confidence if not draft.plain else min(confidence, 0.8)

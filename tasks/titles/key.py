"""The content key: equal for files of one programme, different for different programmes."""

from __future__ import annotations

import re
from hashlib import blake2b

from tasks.titles.draft import Draft
from tasks.titles.vocabulary.series import OTHER, SHOWS_BEFORE_MAIN_EVENT, WSOP

PATH_KEY = "path:"
"""The beginning of a key that is a path, because the name identifies no programme. Valid in one root only."""

_LONGEST = 200
_NO_WORD = re.compile(r"[\W_]+")
_TELLING = ("year", "event_number", "event_name", "day", "stage", "episode", "part", "hand_number")


def identifies_programme(named: Draft) -> bool:
    """Return whether a file name, without its folders, identifies its programme."""
    fields = named.fields
    return named.number is not None or any(fields.get(name) is not None for name in _TELLING)


def content_key(draft: Draft, shape: str, path: str, *, is_identified: bool) -> str:
    """Return the key from the fields, specific ones first, or from the path if they are not enough."""
    if not is_identified or draft.series is OTHER:
        return _short(PATH_KEY + path)
    parts = [
        draft.series.label if draft.series else "",
        draft.place or (draft.series and draft.series.place) or "",
        draft.fields.get("year") or "",
    ]
    return _short("|".join(_slug(part) for part in (*parts, *_identity(draft, shape))))


def _identity(draft: Draft, shape: str) -> list[object]:
    fields = draft.fields
    if "hand_number" in fields:
        return ["hand", fields.get("date") or fields.get("day"), fields["hand_number"]]
    if draft.number is not None:
        return [shape, draft.counter, draft.number, *(_event(draft) if shape != "numbered-clip" else [])]
    if (episode := fields.get("episode")) is not None and draft.series:
        own = draft.own_number
        if own and draft.series is WSOP and fields.get("event_type") == "main_event":
            before = SHOWS_BEFORE_MAIN_EVENT.get(fields.get("year") or 0)
            own, episode = before is None, episode + (before or 0)
        part = fields.get("part") if shape != "show" else None
        return [
            "show",
            fields.get("season") if draft.series.region is None else "",
            draft.event if own else "",
            episode,
            part,
        ]
    return [
        *_event(draft),
        draft.plain,
        fields.get("content_type") == "best_of",
        _subject(draft),
        _serial(draft),
    ]


def _event(draft: Draft) -> list[object]:
    fields = draft.fields
    number, when = fields.get("event_number"), [fields.get(name) for name in ("stage", "day", "part")]
    if fields.get("event_type") == "main_event":
        return ["main", *when]
    return [f"event {number}" if number is not None else f"{fields.get('buy_in')} {draft.event}", *when]


def _subject(draft: Draft) -> str:
    """Return the subject, unless a day or an event number distinguishes two broadcasts already."""
    return "" if "day" in draft.fields or "event_number" in draft.fields else draft.subject


def _serial(draft: Draft) -> str:
    return draft.inventory if draft.is_serial else ""


def _slug(part: object) -> str:
    if part is None or part == "" or part is False:
        return ""
    return _NO_WORD.sub("-", str(part).lower()).strip("-")


def _short(key: str) -> str:
    """Return a key that fits the index: a long one is replaced by its hash."""
    if len(key) <= _LONGEST:
        return key
    return key[: _LONGEST // 2] + blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

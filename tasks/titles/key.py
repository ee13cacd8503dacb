"""The content key: equal for the files of one programme, different for two programmes."""

from __future__ import annotations

import re
from hashlib import blake2b

from tasks.titles.draft import Draft
from tasks.titles.vocabulary.series import OTHER, SHOWS_BEFORE_MAIN_EVENT, WSOP

PATH_KEY = "path:"
"""Begins the key of a file whose name tells no programme: it is its path, and means something below one root only."""

_LONGEST = 200
_NO_WORD = re.compile(r"[\W_]+")
_TELLING = ("year", "event_number", "event_name", "day", "stage", "episode", "part", "hand_number")


def identifies_programme(named: Draft) -> bool:
    """Whether a name, without its folders, says which programme it is of."""
    fields = named.fields
    return named.number is not None or any(fields.get(name) is not None for name in _TELLING)


def content_key(draft: Draft, shape: str, path: str, *, telling: bool) -> str:
    """From the fields, the more specific ones deciding; from the path where these say too little."""
    if not telling or draft.series is OTHER:
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
        _tale(draft),
        _serial(draft),
    ]


def _event(draft: Draft) -> list[object]:
    fields = draft.fields
    number, when = fields.get("event_number"), [fields.get(name) for name in ("stage", "day", "part")]
    if fields.get("event_type") == "main_event":
        return ["main", *when]
    return [f"event {number}" if number is not None else f"{fields.get('buy_in')} {draft.event}", *when]


def _tale(draft: Draft) -> str:
    """What happens tells two broadcasts apart only where no day does."""
    return "" if "day" in draft.fields or "event_number" in draft.fields else draft.tale


def _serial(draft: Draft) -> str:
    return draft.inventory if draft.is_serial else ""


def _slug(part: object) -> str:
    if part is None or part == "" or part is False:
        return ""
    return _NO_WORD.sub("-", str(part).lower()).strip("-")


def _short(key: str) -> str:
    """Keys are indexed: a long one is named by its hash."""
    if len(key) <= _LONGEST:
        return key
    return key[: _LONGEST // 2] + blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

"""The watching order: which titles of a series belong together, and in what order they are watched."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy.orm import InstrumentedAttribute

from catalog_models.tables import Content


class OrderedTitle(Protocol):
    """The fields of a title that determine its place in the watching order."""

    id: uuid.UUID
    title: str
    content_type: str | None
    event_type: str | None
    event_number: int | None
    event_name: str | None
    buy_in: int | None
    date: dt.date | None
    stage: str | None
    day: str | None
    part: int | None
    season: int | None
    episode: int | None
    hand_number: int | None


PLACE: Sequence[InstrumentedAttribute[Any]] = tuple(
    getattr(Content, name) for name in OrderedTitle.__annotations__
)
"""The columns of `OrderedTitle`."""

T = TypeVar("T", bound=OrderedTitle)

_STAGES = {"final_day": 1, "final_four": 2, "final_table": 3, "heads_up": 4}
_EVENTS = {"main_event": 0, "bracelet": 1, "other": 2}
_CONTENTS = {"stream": 0, "episode": 1, "best_of": 2, "hand_clip": 3, "clip": 4}
# Events without a number follow those of their kind with one.
_UNNUMBERED = 1_000_000
_DAY = re.compile(r"(\d{1,6})([A-Z]*)", re.ASCII)
_DIGITS = re.compile(r"(\d+)", re.ASCII)


def watching_order(titles: Iterable[T]) -> list[list[T]]:
    """Return groups of titles in watching order, such as the streams of an event or the episodes of a season.

    Events are in this order: the Main Event, events with numbers, other events. The episodes of a season form
    one group if they are numbered consecutively, whatever events they show. If each event has its own count
    (`Main Event 1` beside `Heads-Up 1`), each event is a group.
    """
    groups: dict[Hashable, list[T]] = defaultdict(list)
    ordered = sorted(titles, key=lambda title: (place_of(title), title.id))
    counted_apart = _seasons_counted_apart(ordered)
    for title in ordered:
        groups[_group_of(title, counted_apart)].append(title)
    return sorted(groups.values(), key=_turn_of)


def event_of(title: OrderedTitle) -> tuple[Any, ...]:
    """Return a key that identifies the event in its series.

    A series has one Main Event. A number is more reliable than a name, which may be spelled in many ways.
    """
    if title.event_type == "main_event":
        return ("main_event",)
    if title.event_number is not None:
        return ("number", title.event_number)
    return (title.event_type, title.event_name, title.buy_in)


def _is_numbered(title: OrderedTitle) -> bool:
    return title.content_type == "episode" and title.episode is not None


def _seasons_counted_apart(titles: Iterable[OrderedTitle]) -> set[int | None]:
    events: dict[tuple[int | None, int | None], set[Hashable]] = defaultdict(set)
    for title in titles:
        if _is_numbered(title) and title.event_type is not None:
            events[title.season, title.episode].add(event_of(title))
    return {season for (season, _), sharing in events.items() if len(sharing) > 1}


def _group_of(title: OrderedTitle, counted_apart: set[int | None]) -> Hashable:
    through = _is_numbered(title) or (title.content_type == "episode" and title.event_type is None)
    event = "season" if through and title.season not in counted_apart else event_of(title)
    return title.content_type, title.season, event


def _turn_of(group: Sequence[OrderedTitle]) -> tuple[Any, ...]:
    first = group[0]
    # A season comes before single events.
    several = len({event_of(title) for title in group}) > 1
    return (
        first.season or 0,
        -1 if several else _EVENTS.get(first.event_type or "", len(_EVENTS)),
        _UNNUMBERED if first.event_number is None else first.event_number,
        natural_key(first.event_name or ""),
        first.buy_in or 0,
        _CONTENTS.get(first.content_type or "", len(_CONTENTS)),
        first.id,
    )


def place_of(title: OrderedTitle) -> tuple[Any, ...]:
    """Return the sort key of a title in its group.

    Days (1A, 1B, 2ABC, 3 …) come before the final table, which has days of its own. Episodes are sorted by
    number, then by part and hand; `Clip 9` precedes `Clip 10`.
    """
    stage = _STAGES.get(title.stage or "", 0)
    day = _DAY.match(title.day or "")
    numbered = title.episode is not None
    return (
        title.season or 0,
        # A title without an episode number is a preview or a final.
        1 if numbered else 2 * (stage > 0),
        title.episode or 0,
        (title.part or 0) if numbered else 0,
        stage,
        int(day[1]) if day else 0,
        day[2] if day else "",
        title.part or 0,
        title.date or dt.date.min,
        title.hand_number or 0,
        natural_key(title.title),
    )


def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return the sort key of a text in natural order, which compares its numbers by value."""
    return tuple(
        (0, int(part[:18]), part) if part.isdigit() and part.isascii() else (1, 0, part)
        for part in _DIGITS.split(text)
        if part
    )

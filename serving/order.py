"""The order in which the titles of an event are watched: by season, day, stage, part, episode and hand."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy.orm import InstrumentedAttribute

from catalog_models.tables import Content


class Placed(Protocol):
    """What the order is told by: fields of a title."""

    title: str
    date: dt.date | None
    stage: str | None
    day: str | None
    part: int | None
    season: int | None
    episode: int | None
    hand_number: int | None


PLACE: Sequence[InstrumentedAttribute[Any]] = (
    Content.title,
    Content.date,
    Content.stage,
    Content.day,
    Content.part,
    Content.season,
    Content.episode,
    Content.hand_number,
)
"""The columns of `Placed`."""

_STAGES = {"final_day": 1, "final_four": 2, "final_table": 3, "heads_up": 4}
_LAST_DAY = 1_000  # a final table of a day that nobody wrote down comes after all days
_DAY = re.compile(r"(\d+)([A-Z]*)", re.ASCII)
_DIGITS = re.compile(r"(\d+)", re.ASCII)


def place_of(title: Placed) -> tuple[Any, ...]:
    """The key to sort by. Days 1A, 1B, 2ABC, 3 … come before a final table; `Clip 9` before `Clip 10`."""
    stage = _STAGES.get(title.stage or "", 0)
    day = _DAY.match(title.day or "")
    number, flights = (int(day[1]), day[2]) if day else (_LAST_DAY if stage else 0, "")
    return (
        title.season or 0,
        number,
        flights,
        stage,
        title.part or 0,
        title.episode or 0,
        title.hand_number or 0,
        title.date or dt.date.min,
        natural(title.title),
    )


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A text's key with its numbers as numbers."""
    return tuple(
        (0, int(part[:18]), part) if part.isdigit() and part.isascii() else (1, 0, part)
        for part in _DIGITS.split(text)
        if part
    )

"""The fields of a title that was read from a path; a field that nothing says is None."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Title:
    """One path, read.

    `display_title` is what a viewer reads, `short_title` its form for a card (at most 50 characters). `date` is
    `YYYY-MM-DD`, `buy_in` in whole units of `currency`, `confidence` from 0 to 1 (under 0.5 a person should look),
    `rule` the name of the rule that read it. Files of one programme have the same `content_key`.
    """

    path: str
    display_title: str | None = None
    short_title: str | None = None
    content_key: str | None = None
    ignored: bool = False
    date: str | None = None
    brand: str | None = None
    region: str | None = None
    year: int | None = None
    event_type: str | None = None
    event_number: int | None = None
    event_name: str | None = None
    buy_in: int | None = None
    currency: str | None = None
    game: str | None = None
    stage: str | None = None
    day: str | None = None
    part: int | None = None
    season: int | None = None
    episode: int | None = None
    players: tuple[str, ...] | None = None
    hands: tuple[str | None, ...] | None = None
    hand_number: int | None = None
    content_type: str | None = None
    variant: str | None = None
    confidence: float = 0.0
    rule: str = "unread"

"""The fields of a title as read from a path; a field without information is None."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Title:
    """The title of a path.

    `display_title` is for viewers, `short_title` for cards (at most 50 characters). `date` is `YYYY-MM-DD`,
    `buy_in` is in whole units of `currency`, and `confidence` is from 0 to 1 (below 0.5 a moderator should
    check it). `rule` is the name of the rule that read the path. Files of one programme have the same
    `content_key`.
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

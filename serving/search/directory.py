"""The players and series of all titles that play, kept in memory by each process."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, Text, cast, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from catalog_models.search.text import name_key, tokens
from catalog_models.search.vocabulary import BRANDS, PEOPLE, REGIONS
from catalog_models.tables import Content, Hand, Series
from serving.search.names import NameIndex

# In seconds. After this time, a request starts a new read in the background, and uses the old state.
FRESH = 300.0

_SHOWN = (Content.is_visible, Content.status == "ready")

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Player:
    """A player: the titles that name them, and their hands. Durations are seconds.

    `key` identifies a player by the normalised name; `spellings` are the names in titles and hands,
    the most frequent first.
    """

    key: str
    spellings: list[str] = field(default_factory=list)
    titles: int = 0
    hands: int = 0
    best_hands: int = 0
    hand_seconds: float = 0.0
    largest_pot: int | None = None

    @property
    def name(self) -> str:
        """Return the most frequent spelling of the name."""
        return self.spellings[0]


@dataclass(frozen=True, slots=True)
class KnownSeries:
    """A series and the number of its titles."""

    id: uuid.UUID
    title: str
    year: int | None
    titles: int


@dataclass(frozen=True)
class Names:
    """The players, those with the most titles and hands first, and the series, the newest first."""

    players: NameIndex[Player] = field(default_factory=NameIndex)
    series: NameIndex[KnownSeries] = field(default_factory=NameIndex)
    by_key: dict[str, Player] = field(default_factory=dict)


def key_of(name: str) -> str:
    """Return the key of a player for URLs: `Ann O'Brien-Ødegård` is `ann-obrien-odegard`."""
    return name_key(name).replace(" ", "-")


class Directory:
    """Caches the names, and reads them again in the background."""

    def __init__(
        self, engine: AsyncEngine | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._engine, self._clock = engine, clock
        self._names = Names()
        self._read_at: float | None = None
        self._first = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None

    async def names(self, session: AsyncSession) -> Names:
        """Return the names. Only the first call waits until they are read, with its own session."""
        if self._read_at is None:
            async with self._first:
                if self._read_at is None:
                    await self._read(session)
        elif self._clock() - self._read_at > FRESH and (self._refreshing is None or self._refreshing.done()):
            self._refreshing = asyncio.create_task(self._refresh())
        return self._names

    async def close(self) -> None:
        """Stop reading."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)

    async def _refresh(self) -> None:
        try:
            async with AsyncSession(self._engine) as session:
                await self._read(session)
        except (SQLAlchemyError, OSError) as error:
            _log.warning(
                "cannot read the players again; keeping the earlier ones: %s", str(error).partition("\n")[0]
            )

    async def _read(self, session: AsyncSession) -> None:
        texts = [await session.scalar(statement) or "[]" for statement in (_TITLES, _HANDS, _SERIES)]
        # In a thread, because the keys of many names take long to compute.
        self._names = await asyncio.to_thread(_names_of, *texts)
        self._read_at = self._clock()


def _as_text(rows: Select[Any]) -> Select[tuple[str | None]]:
    """Select all rows as one JSON text. Many single rows would keep the event loop busy."""
    found = rows.subquery("found")
    return select(cast(func.json_agg(func.json_build_array(*found.c)), Text))


_named = select(func.unnest(Content.players).label("name")).where(*_SHOWN).subquery("named")
_TITLES = _as_text(
    select(_named.c.name, func.count().label("titles"))
    .where(_named.c.name.is_not(None))
    .group_by(_named.c.name)
)

_played = (
    select(
        func.unnest(Hand.players).label("name"),
        Hand.is_best,
        (Hand.end_seconds - Hand.start_seconds).label("seconds"),
        Hand.pot_size,
    )
    .join(Content, Content.id == Hand.content_id)
    .where(*_SHOWN)
    .subquery("played")
)
_HANDS = _as_text(
    select(
        _played.c.name,
        func.count().label("hands"),
        func.count().filter(_played.c.is_best).label("best_hands"),
        func.sum(_played.c.seconds).label("seconds"),
        func.max(_played.c.pot_size).label("largest_pot"),
    )
    .where(_played.c.name.is_not(None))
    .group_by(_played.c.name)
)

_SERIES = _as_text(
    select(Series.id, Series.title, Series.year, func.count().label("titles"), Series.brand, Series.region)
    .join(Content, Content.series_id == Series.id)
    .where(*_SHOWN)
    .group_by(Series.id)
)


def _names_of(titles: str, hands: str, series: str) -> Names:
    by_key = _players_of(json.loads(titles), json.loads(hands))
    players = sorted(by_key.values(), key=lambda player: (-player.titles, -player.hands, player.key))
    known = [
        (KnownSeries(uuid.UUID(key), title, year, count), _words_of_series(title, brand, region))
        for key, title, year, count, brand, region in json.loads(series)
    ]
    known.sort(key=lambda one: (-(one[0].year or 0), -one[0].titles, one[0].title))
    return Names(
        NameIndex((player, _words_of_player(player)) for player in players), NameIndex(known), by_key
    )


def _players_of(titles: Iterable[Any], hands: Iterable[Any]) -> dict[str, Player]:
    by_key: dict[str, Player] = {}
    uses: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for name, count in titles:
        if key := key_of(name):
            by_key.setdefault(key, Player(key)).titles += count
            uses[key][name] += count
    for name, count, best, seconds, pot in hands:
        if key := key_of(name):
            player = by_key.setdefault(key, Player(key))
            player.hands += count
            player.best_hands += best
            player.hand_seconds += seconds
            player.largest_pot = max(player.largest_pot or 0, pot) if pot is not None else player.largest_pot
            uses[key][name] += count
    for key, player in by_key.items():
        player.spellings = sorted(uses[key], key=lambda name: (-uses[key][name], name))
    return by_key


def _words_of_player(player: Player) -> Iterator[str]:
    for name in player.spellings:
        yield from tokens(name)
    for part, others in PEOPLE.items():
        if part in player.key.split("-"):
            yield from others.split()


def _words_of_series(title: str, brand: str, region: str | None) -> Iterator[str]:
    yield from tokens(title)
    yield from BRANDS.get(brand, "").split()
    yield from REGIONS.get(region or "", "").split()

"""The facets of a browse page: more fields than those of a search, and words are optional."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, Text, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.reads.watch_states import IS_BEGUN
from catalog_models.tables import Content, Series, WatchProgress
from catalog_models.values import WatchState
from serving.search.conditions import has_terms
from serving.search.facets import FIELDS, MOST
from serving.search.schemas import Facet, NamedFacet, TitleFacets
from serving.search.terms import Term
from serving.titles.filters import Filters, conditions_of, without_filters

# The facets by column. Each group is counted by an index that contains its columns and those of most filters:
# `ix_contents_filters` and `ix_contents_events`.
_FIELDS = {name: getattr(Content, name) for name in FIELDS} | {"series_id": Content.series_id}
_EVENTS = {"event": Content.event_name, "buy_in": Content.buy_in}
_NUMBERS = ("year", "buy_in")
_PLAYABLE = {"ready": "true", "preparing": "false"}

NOTHING = TitleFacets(total=0, **{name: [] for name in TitleFacets.model_fields if name != "total"})
"""The facets if no title matches."""

Counts = dict[str, dict[str, int]]


async def count_titles(session: AsyncSession, terms: Sequence[Term], filters: Filters) -> TitleFacets:
    """Count the titles with the terms by value. The filter on a field does not apply to its own facet.

    Runs five statements (one of them for the names of series), and one more for each field with a filter.
    """
    counts: Counts = {}
    for fields in (_FIELDS, _EVENTS):
        free = {name: column for name, column in fields.items() if not getattr(filters, name)}
        if free:
            counts |= await _grouped(session, free, _wanted(terms, filters))
        for name in fields.keys() - free.keys():
            wanted = _wanted(terms, without_filters(filters, name))
            counts |= await _grouped(session, {name: fields[name]}, wanted)
    counts["player"] = await _players(session, _wanted(terms, without_filters(filters, "player")))
    counts["playable"], total = await count_playable(session, terms, filters)
    series = await _named_series(session, counts.pop("series_id"))
    return TitleFacets(
        total=total,
        series=series,
        watched=[],
        **{name: _facets(name, values) for name, values in counts.items()},
    )


async def count_playable(
    session: AsyncSession, terms: Sequence[Term], filters: Filters
) -> tuple[dict[str, int], int]:
    """Return the titles by value of the filter `playable`, and the number that match the filter."""
    wanted = _wanted(terms, filters.model_copy(update={"playable": "all"}))
    statuses = select(Content.status, func.count()).where(*wanted).group_by(Content.status)
    counts = {_PLAYABLE[status]: titles for status, titles in (await _pairs(session, statuses)).items()}
    return counts, sum(titles for value, titles in counts.items() if filters.playable in (value, "all"))


def _wanted(terms: Sequence[Term], filters: Filters) -> list[SQLColumnExpression[bool]]:
    return [*conditions_of(filters), *([has_terms(terms)] if terms else [])]


async def _grouped(
    session: AsyncSession,
    fields: Mapping[str, SQLColumnExpression[Any]],
    wanted: Sequence[SQLColumnExpression[bool]],
) -> Counts:
    """Count by the values of each field, reading the titles once. Returns the most frequent values."""
    names, columns = list(fields), list(fields.values())
    # One row for each value of a field. The fields that a row does not count are null in it.
    value = case(*((func.grouping(column) == 0, cast(column, Text)) for column in columns))
    field = case(*((func.grouping(column) == 0, name) for name, column in fields.items()))
    counted = (
        select(field.label("field"), value.label("value"), func.count().label("titles"))
        .where(*wanted)
        .group_by(func.grouping_sets(*columns))
        .subquery("counted")
    )
    place = func.row_number().over(
        partition_by=counted.c.field, order_by=[counted.c.titles.desc(), counted.c.value]
    )
    ranked = select(counted, place.label("place")).where(counted.c.value.is_not(None)).subquery("ranked")
    counts: Counts = {name: {} for name in names}
    for name, found, titles in await session.execute(
        select(ranked.c.field, ranked.c.value, ranked.c.titles).where(ranked.c.place <= MOST)
    ):
        counts[name][found] = titles
    return counts


async def _players(session: AsyncSession, wanted: Sequence[SQLColumnExpression[bool]]) -> dict[str, int]:
    names = select(func.unnest(Content.players).label("player")).where(*wanted).subquery("names")
    return await _pairs(
        session,
        select(names.c.player, func.count())
        .group_by(names.c.player)
        .order_by(func.count().desc(), names.c.player)
        .limit(MOST),
    )


async def _pairs(session: AsyncSession, statement: Select[tuple[str, int]]) -> dict[str, int]:
    return dict((await session.execute(statement)).tuples().all())


async def _named_series(session: AsyncSession, counts: Mapping[str, int]) -> list[NamedFacet]:
    rows = await session.execute(
        select(Series.id, Series.title).where(Series.id.in_([uuid.UUID(key) for key in counts]))
    )
    names = {str(key): title for key, title in rows}
    found = [
        NamedFacet(value=key, name=names[key], count=titles) for key, titles in counts.items() if key in names
    ]
    return sorted(found, key=lambda facet: (-facet.count, facet.name))


def _facets(name: str, counts: Mapping[str, int]) -> list[Facet]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Facet(value=int(value) if name in _NUMBERS else value, count=count) for value, count in ordered]


async def count_watched(
    session: AsyncSession, terms: Sequence[Term], filters: Filters, viewer: uuid.UUID, total: int
) -> list[Facet]:
    """Count titles by their watch state for a viewer. `total` is their number without the filter `watched`.

    Reads only the titles that the viewer has begun.
    """
    seen = select(func.count().filter(IS_BEGUN), func.count().filter(WatchProgress.completed)).select_from(
        Content
    )
    row = await session.execute(
        seen.join(WatchProgress, WatchProgress.content_id == Content.id).where(
            WatchProgress.user_id == viewer, *_wanted(terms, without_filters(filters, "watched"))
        )
    )
    begun, watched = row.one()
    counts = {WatchState.NEW: total - begun - watched, WatchState.BEGUN: begun, WatchState.WATCHED: watched}
    return [Facet(value=str(state), count=count) for state, count in counts.items() if count > 0]

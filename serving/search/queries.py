"""The search in PostgreSQL: how many titles have the words, a page of them, and which words to leave out when none has."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    Text,
    bindparam,
    cast,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content
from serving.listing import Filters, chosen, listed_columns
from serving.search.terms import Term, tsquery

COUNTED = 2_000
"""Titles that are counted at most: nobody reads so many, and counting all costs most of the time."""

_RANKED = 200  # of more titles than are counted, the newest so many are put in order
_MOST_TRIES = 64  # combinations of words that are tried at once
_NEWEST = (Content.year.desc().nulls_last(), Content.date.desc().nulls_last(), Content.title, Content.id)


async def find(
    session: AsyncSession, terms: Sequence[Term], filters: Filters, limit: int, offset: int
) -> tuple[list[Any], int]:
    """A page of the titles that have all terms, as rows of `listed_columns`, and how many there are (at most `COUNTED`)."""
    wanted = [*chosen(filters), _has(tsquery(terms))]
    counted = select(literal(1)).select_from(Content).where(*wanted).limit(COUNTED).subquery()
    total = await session.scalar(select(func.count()).select_from(counted)) or 0
    if not total or not limit:
        return [], total
    in_title = _has(tsquery(terms, "A"))
    ids = _page(wanted, in_title, limit, offset, few=total < COUNTED)
    return await load(session, list(await session.scalars(ids))), total


def _page(
    wanted: Sequence[SQLColumnExpression[bool]],
    in_title: ColumnElement[bool],
    limit: int,
    offset: int,
    *,
    few: bool,
) -> Select[tuple[uuid.UUID]]:
    """Ids alone: what is sorted is not read whole. Of very many titles the newest come first by an index, and only
    they are ranked; pages behind them are by age alone."""
    if not few and offset + limit <= _RANKED:
        unindexed = [
            condition.is_(true()) for condition in wanted
        ]  # by age they are found sooner than by words
        newest = select(Content.id).where(*unindexed).order_by(*_NEWEST).limit(_RANKED)
        wanted = [Content.id.in_(newest)]
    order = (in_title.desc(), *_NEWEST) if few or offset + limit <= _RANKED else _NEWEST
    return select(Content.id).where(*wanted).order_by(*order).limit(limit).offset(offset)


async def load(session: AsyncSession, ids: Sequence[uuid.UUID], filters: Filters | None = None) -> list[Any]:
    """Rows of `listed_columns` in the order of these ids; with `filters`, of those that they choose."""
    rows = await session.execute(
        listed_columns().where(Content.id.in_(ids), *(chosen(filters) if filters else ()))
    )
    by_id = {row[0].id: row for row in rows}
    return [by_id[key] for key in ids if key in by_id]


async def relax(session: AsyncSession, terms: Sequence[Term], filters: Filters) -> list[Term]:
    """The most terms that a title has at once, empty when nothing can be left out. Of equally many, the longest words:
    they say most."""
    fixed = [term for term in terms if not term.droppable]
    loose = [term for term in terms if term.droppable]
    for count in range(len(loose) - 1, -1, -1):
        tries = [[*fixed, *kept] for kept in combinations(loose, count) if fixed or kept]
        tries.sort(key=lambda kept: -sum(len(term.typed) for term in kept))
        if found := await _first(session, tries[:_MOST_TRIES], filters):
            return [term for term in terms if term in found]
    return []


async def _first(
    session: AsyncSession, tries: Sequence[Sequence[Term]], filters: Filters
) -> Sequence[Term] | None:
    if not tries:
        return None
    some = [
        select(literal(1)).select_from(Content).where(*chosen(filters), _has(tsquery(kept))).exists()
        for kept in tries
    ]
    found = (await session.execute(select(*some))).one()
    return next((kept for kept, there in zip(tries, found, strict=True) if there), None)


def _has(query: str) -> ColumnElement[bool]:
    """Written into the statement, for the plan depends on the words: one that is prepared for any words reads the whole
    table for some. It holds letters, digits and our own operators alone."""
    written = bindparam(None, query, type_=Text, literal_execute=True)
    return Content.search_vector.bool_op("@@")(cast(written, TSQUERY))

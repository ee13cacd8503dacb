"""The search in PostgreSQL: how many titles have the words, a page of them, and which words to leave out when none has."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from sqlalchemy import SQLColumnExpression, case, exists, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content
from serving.listing import Filters, chosen, rows_of
from serving.search.many import page_of_many
from serving.search.matching import has, newest
from serving.search.terms import Term

COUNTED = 2_000
"""Titles that are counted at most: nobody reads so many, and counting all costs most of the time."""

_MOST_TRIES = 64  # combinations of words that are tried at once


async def find(
    session: AsyncSession, terms: Sequence[Term], filters: Filters, limit: int, offset: int
) -> tuple[list[Any], int]:
    """A page of the titles that have all terms, as rows of `listed_columns`, and how many there are (at most `COUNTED`)."""
    wanted = [*chosen(filters), has(terms)]
    counted = select(literal(1)).select_from(Content).where(*wanted).limit(COUNTED).subquery()
    total = await session.scalar(select(func.count()).select_from(counted)) or 0
    if not total or not limit:
        return [], total
    if total == COUNTED:
        return await rows_of(session, await page_of_many(session, terms, filters, limit, offset)), total
    ordered = select(Content.id).where(*wanted).order_by(has(terms, "A").desc(), *newest())
    # Ids alone: what is sorted is not read whole.
    return await rows_of(session, list(await session.scalars(ordered.limit(limit).offset(offset)))), total


async def relax(session: AsyncSession, terms: Sequence[Term], filters: Filters) -> list[Term]:
    """The most terms that a title has at once, empty when nothing can be left out. Of equally many, the longest words:
    they say most."""
    fixed = [term for term in terms if not term.droppable]
    there = await _those_there(session, terms, filters)
    loose = [term for term in terms if term.droppable and term in there]
    if any(term not in there for term in fixed):
        return []
    most = len(loose) - (len(there) == len(terms))  # all of all have been tried
    for count in range(most, -1, -1):
        tries = [[*fixed, *kept] for kept in combinations(loose, count) if fixed or kept]
        tries.sort(key=lambda kept: -sum(len(term.typed) for term in kept))
        if found := await _first(session, tries[:_MOST_TRIES], filters):
            return [term for term in terms if term in found]
    return []


async def _those_there(session: AsyncSession, terms: Sequence[Term], filters: Filters) -> list[Term]:
    found = (await session.execute(select(*(_any([term], filters) for term in terms)))).one()
    return [term for term, there in zip(terms, found, strict=True) if there]


async def _first(
    session: AsyncSession, tries: Sequence[Sequence[Term]], filters: Filters
) -> Sequence[Term] | None:
    """The first of these that a title has at once; those behind it are not looked for."""
    if not tries:
        return None
    cases = [(_any(kept, filters), number) for number, kept in enumerate(tries)]
    number = await session.scalar(select(case(*cases, else_=None)))
    return None if number is None else tries[number]


def _any(terms: Sequence[Term], filters: Filters) -> SQLColumnExpression[bool]:
    """Whether a title has these. Planned as if many were to be read, for a plan for the first one takes it that there
    is one, and reads the whole table where there is none; one is read."""
    some = select(literal(1)).select_from(Content).where(*chosen(filters), has(terms)).limit(COUNTED)
    return exists(select(literal(1)).select_from(some.cte().prefix_with("materialized")))

"""The search in PostgreSQL: the number of titles, a page of titles, and the words to leave out.

Words are left out if no title has all of them.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, case, exists, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content
from serving.search.conditions import has_terms, newest_first
from serving.search.large_results import page_of_many
from serving.search.terms import Term
from serving.titles.filters import Filters, conditions_of
from serving.titles.lists import rows_of

COUNTED = 1_000
"""The most titles that are counted. No viewer reads more, and counting all takes most of the time."""

# The most combinations of words in one statement.
_MOST_TRIES = 64


async def find(
    session: AsyncSession, terms: Sequence[Term], filters: Filters, limit: int, offset: int
) -> tuple[list[Any], int]:
    """Return a page of the titles that have all terms, as rows of `listed_columns`, and their total.

    The total is at most `COUNTED`.
    """
    total, page = (await session.execute(count_and_page(terms, filters, limit, offset))).one()
    if total == COUNTED and limit:
        page = await page_of_many(session, terms, filters, limit, offset)
    return await rows_of(session, page) if page else [], total


def count_and_page(
    terms: Sequence[Term], filters: Filters, limit: int, offset: int
) -> Select[tuple[int, list[uuid.UUID]]]:
    """Select the number of titles, at most `COUNTED`, and one page of their ids.

    The titles are searched once for both.
    """
    in_title = has_terms(terms, "A").label("in_title")
    all_ = select(Content.id, Content.title, Content.year, Content.date, in_title)
    found = (
        all_.where(*conditions_of(filters), has_terms(terms))
        .limit(COUNTED)
        .cte("found")
        .prefix_with("materialized")
    )
    ordered = select(found.c.id).order_by(found.c.in_title.desc(), *newest_first(found.c))
    page = func.array(ordered.limit(limit).offset(offset).scalar_subquery())
    return select(select(func.count()).select_from(found).scalar_subquery(), page)


async def relax(session: AsyncSession, terms: Sequence[Term], filters: Filters) -> list[Term]:
    """Return the largest set of terms that some title has, or an empty list if no term can be left out.

    Among sets of equal size, the one with the longest words is preferred, because long words are specific.
    """
    fixed = [term for term in terms if not term.droppable]
    there = await _present_terms(session, terms, filters)
    loose = [term for term in terms if term.droppable and term in there]
    if any(term not in there for term in fixed):
        return []
    # The search for all words together has already failed.
    most = len(loose) - (len(there) == len(terms))
    for count in range(most, -1, -1):
        tries = [[*fixed, *kept] for kept in combinations(loose, count) if fixed or kept]
        tries.sort(key=lambda kept: -sum(len(term.typed) for term in kept))
        if found := await _first(session, tries[:_MOST_TRIES], filters):
            return [term for term in terms if term in found]
    return []


async def _present_terms(session: AsyncSession, terms: Sequence[Term], filters: Filters) -> list[Term]:
    found = (await session.execute(presence(terms, filters))).one()
    return [term for term, there in zip(terms, found, strict=True) if there]


async def _first(
    session: AsyncSession, tries: Sequence[Sequence[Term]], filters: Filters
) -> Sequence[Term] | None:
    """Return the first of these combinations that a title has. Later ones are not searched."""
    if not tries:
        return None
    number = await session.scalar(first_of(tries, filters))
    return None if number is None else tries[number]


def presence(terms: Sequence[Term], filters: Filters) -> Select[tuple[bool, ...]]:
    """Select a column for each term: whether any title has it."""
    return select(*(_any_title([term], filters, f"term_{number}") for number, term in enumerate(terms)))


def first_of(tries: Sequence[Sequence[Term]], filters: Filters) -> Select[tuple[int | None]]:
    """Select the number of the first combination of terms that a title has. `tries` is not empty."""
    cases = [(_any_title(kept, filters, f"try_{number}"), number) for number, kept in enumerate(tries)]
    return select(case(*cases, else_=None))


def _any_title(terms: Sequence[Term], filters: Filters, name: str) -> SQLColumnExpression[bool]:
    """Return the condition that some title has all terms. `name` must be unique in the statement.

    The materialized CTE makes PostgreSQL plan for many rows. A plan for the first row assumes that one
    exists, and reads the whole table if none does.
    """
    some = (
        select(literal(1))
        .select_from(Content)
        .where(*conditions_of(filters), has_terms(terms))
        .limit(COUNTED)
    )
    # `prefix_with` copies the CTE and drops the original. SQLAlchemy names an unnamed CTE after the `id()` of
    # the original, which the next CTE of the statement may reuse.
    return exists(select(literal(1)).select_from(some.cte(name).prefix_with("materialized")))

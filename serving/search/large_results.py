"""A page of a large search result, without reading the whole result."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Select, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content
from serving.search.conditions import has_terms, newest_first
from serving.search.terms import Term
from serving.titles.filters import Filters, conditions_of

# The most titles that are ranked.
_RANKED = 200
# The ranked titles are among this many of the newest titles.
_RECENT = 1_000
_COLUMNS = (Content.id, Content.title, Content.year, Content.date, Content.search_vector)


async def page_of_many(
    session: AsyncSession, terms: Sequence[Term], filters: Filters, limit: int, offset: int
) -> list[uuid.UUID]:
    """Return the newest titles: first those with the words in their name, then the others by age.

    A word of many titles usually occurs in some of the newest, which the index by age finds sooner than the
    index of words. There are exceptions (`2005`), so at most `_RECENT` titles are read.
    """
    ranked = list(await session.scalars(_ranked(terms, filters)))
    page = ranked[offset : offset + limit]
    if len(page) < limit:
        rest = _by_index(terms, filters) if len(ranked) == _RANKED else _by_words(terms, filters)
        # The ranked titles are also the first ones by age.
        start = max(offset, len(ranked))
        page += await session.scalars(rest.limit(limit - len(page)).offset(start))
    return page


def _ranked(terms: Sequence[Term], filters: Filters) -> Select[tuple[uuid.UUID]]:
    recent = (
        select(*_COLUMNS)
        .where(*conditions_of(filters))
        .order_by(*newest_first())
        .limit(_RECENT)
        .subquery("recent")
        .c
    )
    among = select(*recent).where(has_terms(terms, of=recent)).order_by(*newest_first(recent)).limit(_RANKED)
    found = among.subquery("found").c
    return select(found.id).order_by(has_terms(terms, "A", of=found).desc(), *newest_first(found))


def _by_index(terms: Sequence[Term], filters: Filters) -> Select[tuple[uuid.UUID]]:
    """Select titles by age, and check each for the words in a form that matches no index."""
    return (
        select(Content.id)
        .where(*conditions_of(filters), has_terms(terms).is_(true()))
        .order_by(*newest_first())
    )


def _by_words(terms: Sequence[Term], filters: Filters) -> Select[tuple[uuid.UUID]]:
    """Select all titles with the words, then sort. The offset prevents PostgreSQL from reading by age."""
    found = select(*_COLUMNS).where(*conditions_of(filters), has_terms(terms)).offset(0).subquery("found").c
    return select(found.id).order_by(*newest_first(found))

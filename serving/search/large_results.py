"""A page of a large search result, without reading all of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Select, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content
from serving.search.conditions import has, newest
from serving.search.terms import Term
from serving.titles.lists import Filters, chosen

# The most titles that are ranked.
_RANKED = 200
# They are among this many of the newest titles.
_RECENT = 1_000
_COLUMNS = (Content.id, Content.title, Content.year, Content.date, Content.search_vector)


async def page_of_many(
    session: AsyncSession, terms: Sequence[Term], filters: Filters, limit: int, offset: int
) -> list[uuid.UUID]:
    """The newest with those first that have the words in their title, then the rest by age.

    What many titles have, some of the newest have, as a rule: the index by age leads to them sooner than that of the
    words. The rule has exceptions (`2005`), which is why its reading ends after `_RECENT` titles.
    """
    ranked = list(await session.scalars(_ranked(terms, filters)))
    page = ranked[offset : offset + limit]
    if len(page) < limit:
        rest = _by_index(terms, filters) if len(ranked) == _RANKED else _by_words(terms, filters)
        start = max(offset, len(ranked))  # those that were ranked are the first by age, too
        page += await session.scalars(rest.limit(limit - len(page)).offset(start))
    return page


def _ranked(terms: Sequence[Term], filters: Filters) -> Select[tuple[uuid.UUID]]:
    recent = select(*_COLUMNS).where(*chosen(filters)).order_by(*newest()).limit(_RECENT).subquery("recent").c
    among = select(*recent).where(has(terms, of=recent)).order_by(*newest(recent)).limit(_RANKED)
    found = among.subquery("found").c
    return select(found.id).order_by(has(terms, "A", of=found).desc(), *newest(found))


def _by_index(terms: Sequence[Term], filters: Filters) -> Select[tuple[uuid.UUID]]:
    """By age, asking each title for the words, in a form that no index answers."""
    return select(Content.id).where(*chosen(filters), has(terms).is_(true())).order_by(*newest())


def _by_words(terms: Sequence[Term], filters: Filters) -> Select[tuple[uuid.UUID]]:
    """All with the words, then sorted; the offset keeps PostgreSQL from doing both at once, by age."""
    found = select(*_COLUMNS).where(*chosen(filters), has(terms)).offset(0).subquery("found").c
    return select(found.id).order_by(*newest(found))

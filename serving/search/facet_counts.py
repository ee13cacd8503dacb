"""Facet counts. Those of many titles take long to compute and are cached for a minute."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from serving.kernel.l1 import L1
from serving.search import facets, title_facets
from serving.search.schemas import Facets, TitleFacets
from serving.search.terms import Term, tsquery
from serving.titles.filters import Filters, without_filters

_OF_SEARCHES, _OF_TITLES = "search:facets", "titles:facets"
# In seconds.
_KEPT = 60

F = TypeVar("F", bound=Facets)


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """Counts facets. Without `l1`, nothing is cached."""

    l1: L1 | None = None

    async def of(
        self, session: AsyncSession, terms: Sequence[Term], filters: Filters, *, many: bool
    ) -> Facets:
        """Return the facets of all titles with these terms; for `many` titles, up to a minute old."""

        async def count() -> Facets:
            return await facets.count(session, terms, filters)

        return await self._cached(_OF_SEARCHES, Facets, terms, filters, count) if many else await count()

    async def of_titles(
        self, session: AsyncSession, terms: Sequence[Term], filters: Filters, viewer: uuid.UUID
    ) -> TitleFacets:
        """Return the facets of a browse page for a viewer, up to a minute old.

        The counts of `watched` are always current.
        """

        async def count() -> TitleFacets:
            return await title_facets.count_titles(session, terms, filters)

        found = await self._cached(_OF_TITLES, TitleFacets, terms, filters, count)
        others = found.total
        if filters.is_personal:
            unfiltered = without_filters(filters, "watched")
            _, others = await title_facets.count_playable(session, terms, unfiltered)
        watched = await title_facets.count_watched(session, terms, filters, viewer, others)
        return found.model_copy(update={"watched": watched})

    async def _cached(
        self,
        name: str,
        kind: type[F],
        terms: Sequence[Term],
        filters: Filters,
        count: Callable[[], Awaitable[F]],
    ) -> F:
        if self.l1 is None or filters.is_personal:
            return await count()
        asked = f"{tsquery(terms)} {filters.model_dump_json(include=set(Filters.model_fields))}"
        # Filters may have 60 kB, more than the facets.
        field = hashlib.sha256(asked.encode()).hexdigest()
        found = await self.l1.get(name, field)
        if found.value is not None:
            return kind.model_validate_json(found.value)
        counted = await count()
        await self.l1.fill(name, field, found.ticket, counted.model_dump_json().encode(), _KEPT)
        return counted

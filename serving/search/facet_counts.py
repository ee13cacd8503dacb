"""Facet counts. Those of large results take long to compute and are cached for a minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from serving.kernel.l1 import L1
from serving.search import facets
from serving.search.schemas import Facets
from serving.search.terms import Term, tsquery
from serving.titles.lists import Filters

_HASH = "search:facets"
# In seconds.
_KEPT = 60


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """Counts facets. Without `l1`, nothing is cached."""

    l1: L1 | None = None

    async def of(
        self, session: AsyncSession, terms: Sequence[Term], filters: Filters, *, many: bool
    ) -> Facets:
        """Return the facets of all titles with these terms; for `many` titles, up to a minute old."""
        if self.l1 is None or not many:
            return await facets.count(session, terms, filters)
        field = f"{tsquery(terms)} {filters.model_dump_json(include=set(Filters.model_fields))}"
        found = await self.l1.get(_HASH, field)
        if found.value is not None:
            return Facets.model_validate_json(found.value)
        counted = await facets.count(session, terms, filters)
        await self.l1.fill(_HASH, field, found.ticket, counted.model_dump_json().encode(), _KEPT)
        return counted

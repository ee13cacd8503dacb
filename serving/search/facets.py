"""Facets: the number of found titles for each value of a field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import CTE, Select, Text, cast, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content
from serving.search.conditions import has_terms
from serving.search.schemas import Facet, Facets
from serving.search.terms import Term
from serving.titles.filters import Filters, conditions_of, equal_to, without_filters

FIELDS = tuple(Facets.model_fields)
"""Columns of `contents`, each of which is also a filter."""

MOST = 50
"""The most values of one field."""

Counts = Mapping[str, Mapping[str, int]]


def facets_of(counts: Counts) -> Facets:
    """Return the most frequent values of each field. `counts` has the number of titles by field and value."""
    return Facets(**{name: _largest(name, counts.get(name, {})) for name in FIELDS})


def _largest(name: str, counts: Mapping[str, int]) -> list[Facet]:
    largest = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MOST]
    return [Facet(value=int(value) if name == "year" else value, count=count) for value, count in largest]


async def count(session: AsyncSession, terms: Sequence[Term], filters: Filters) -> Facets:
    """Count the titles that have the terms by value. The filter on a field does not apply to its own facet.

    Runs one query, which reads the titles once.
    """
    columns = [getattr(Content, name) for name in FIELDS]
    wanted = [*conditions_of(without_filters(filters, *FIELDS)), has_terms(terms)]
    combined = (
        select(*columns, func.count().label("titles")).where(*wanted).group_by(*columns).cte("combined")
    )
    counts: dict[str, dict[str, int]] = {name: {} for name in FIELDS}
    fields = union_all(*(_field(name, combined, filters) for name in FIELDS))
    for name, value, titles in await session.execute(fields):
        counts[name][value] = int(titles)
    return facets_of(counts)


def _field(name: str, combined: CTE, filters: Filters) -> Select[tuple[str, str, int]]:
    value = combined.c[name]
    others = [
        combined.c[other].in_(values)
        for other, values in equal_to(filters).items()
        if other in FIELDS and other != name
    ]
    titles = func.sum(combined.c.titles)
    return select(literal(name), cast(value, Text), titles).where(value.is_not(None), *others).group_by(value)

"""A page of title ids and the number of titles, read only from indexes of `contents`.

`ix_contents_filters` contains the columns of all filters; the indexes for each order contain them as well.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import SQLColumnExpression, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from catalog_models.tables import Content

Conditions = Sequence[SQLColumnExpression[bool]]

_SORTED_BY: dict[str, InstrumentedAttribute[Any]] = {
    "title": Content.title,
    "year": Content.year,
    "date": Content.date,
    "added": Content.created_at,
    "duration": Content.duration_seconds,
}
_NEVER_LACKING = ("title", "added")


async def count(session: AsyncSession, wanted: Conditions) -> int:
    """Return the number of titles that meet the conditions."""
    return await session.scalar(select(func.count()).select_from(Content).where(*wanted)) or 0


async def page_of(
    session: AsyncSession, wanted: Conditions, sort: str, limit: int, offset: int
) -> list[uuid.UUID]:
    """Return the ids of a page in the order `sort`. `-` reverses it; titles without the field come last."""
    name, column = sort.removeprefix("-"), _SORTED_BY[sort.removeprefix("-")]
    if name in _NEVER_LACKING:
        order = column.desc() if sort.startswith("-") else column
        return await _ids(session, wanted, order, limit, offset)
    if sort.startswith("-"):
        return await _ids(session, wanted, column.desc().nulls_last(), limit, offset)
    # An index can be read from both ends, but rows without the field are at its end. Read from there, they
    # would come first, so the two parts are read separately.
    having, lacking = [*wanted, column.is_not(None)], [*wanted, column.is_(None)]
    page = await _ids(session, having, column.asc().nulls_first(), limit, offset)
    if len(page) < limit:
        beyond = max(0, offset - await count(session, having))
        page += await _ids(session, lacking, column, limit - len(page), beyond)
    return page


async def _ids(
    session: AsyncSession, wanted: Conditions, order: SQLColumnExpression[Any], limit: int, offset: int
) -> list[uuid.UUID]:
    page = select(Content.id).where(*wanted).order_by(order, Content.title, Content.id)
    return list(await session.scalars(page.limit(limit).offset(offset)))

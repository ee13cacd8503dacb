"""A page of title ids and the number of titles, read only from indexes.

`ix_contents_filters` contains the columns of all filters; the indexes for each order contain them as well.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from catalog_models.tables import Content, ContentView, WatchProgress
from serving.flat_catalog.schemas import TitlesQuery

_Part = Select[tuple[uuid.UUID]]
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


async def page_of(session: AsyncSession, wanted: Conditions, query: TitlesQuery) -> list[uuid.UUID]:
    """Return the ids of a page in the order of the query, read part by part until it is full."""
    page: list[uuid.UUID] = []
    offset = query.offset
    parts = _parts(query.sort, query.viewer)
    for number, part in enumerate(parts, start=1):
        statement = part.where(*wanted).limit(query.limit - len(page)).offset(offset)
        page += await session.scalars(statement)
        if len(page) >= query.limit or number == len(parts):
            break
        offset = 0 if page or not offset else max(0, offset - await _size(session, part, wanted))
    return page


async def _size(session: AsyncSession, part: _Part, wanted: Conditions) -> int:
    counted = part.where(*wanted).order_by(None).subquery("part")
    return await session.scalar(select(func.count()).select_from(counted)) or 0


def _parts(sort: str, viewer: uuid.UUID | None) -> list[_Part]:
    """Return the parts of the list: usually the titles with the field of the order, then those without it."""
    name, falls = sort.removeprefix("-"), sort.startswith("-")
    if name == "views":
        # Titles without views have the number 0, so no title lacks the field.
        return _by_views(falls=True) if falls else _by_views(falls=False)[::-1]
    if name == "watched":
        return _by_last_watched(viewer, falls=falls)
    column = _SORTED_BY[name]
    if name in _NEVER_LACKING:
        return [_ordered(column.desc() if falls else column)]
    if falls:
        return [_ordered(column.desc().nulls_last())]
    # An index can be read from both ends, but rows without the field are at its end. Read from there, they
    # would come first, so the two parts are read separately.
    having = _ordered(column.asc().nulls_first()).where(column.is_not(None))
    return [having, _ordered(column).where(column.is_(None))]


def _by_views(*, falls: bool) -> list[_Part]:
    views = (
        select(ContentView.content_id, func.count().label("views"))
        .group_by(ContentView.content_id)
        .subquery("viewed")
    )
    viewed = _ordered(views.c.views.desc() if falls else views.c.views).join(
        views, views.c.content_id == Content.id
    )
    return [viewed, _ordered().where(~exists().where(ContentView.content_id == Content.id))]


def _by_last_watched(viewer: uuid.UUID | None, *, falls: bool) -> list[_Part]:
    progress = (WatchProgress.content_id == Content.id) & (WatchProgress.user_id == viewer)
    moment = WatchProgress.updated_at.desc() if falls else WatchProgress.updated_at
    return [
        _ordered(moment).join(WatchProgress, progress),
        _ordered().where(~exists().where(progress)),
    ]


def _ordered(*order: SQLColumnExpression[Any]) -> _Part:
    return select(Content.id).order_by(*order, Content.title, Content.id)

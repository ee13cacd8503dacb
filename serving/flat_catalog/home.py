"""The rows of the home page, read by three queries in total, and further pages of each row."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content, Series
from serving.flat_catalog.home_rows import ROW_NAMES, SERIES, SHOWN, row_of, row_places
from serving.flat_catalog.home_schemas import Home, Row, RowPage, RowQuery
from serving.http.errors import ApiError
from serving.http.fields import uuid_of
from serving.titles.lists import Listed, listed_columns, listed_title
from serving.titles.order import watching_order
from serving.titles.viewing import fill_viewing

# The rows whose first title is the hero, in this order.
_HEROES = ("continue_watching", "main_event", "recently_added")


class RowNotFoundError(ApiError):
    """No row has this id."""

    status = 404
    code = "ROW_NOT_FOUND"
    message = "No row has this id: GET /api/home lists the rows."


async def rows_for(session: AsyncSession, user_id: uuid.UUID) -> Home:
    """Return the rows of a viewer, without empty ones."""
    places = sorted((await session.execute(row_places(user_id))).all(), key=lambda row: (row.rank, row.place))
    titles = await _titles(session, {row.content_id for row in places}, user_id)
    rows: dict[tuple[str, str], list[Listed]] = defaultdict(list)
    for row in places:
        # A title may have been hidden between the two queries.
        if row.content_id in titles:
            rows[row.id, row.title].append(titles[row.content_id])
    shown = [
        Row(id=row_id, title=title, items=_in_row(row_id, items)) for (row_id, title), items in rows.items()
    ]
    return Home(hero=_hero(shown), rows=shown)


def _hero(rows: Iterable[Row]) -> Listed | None:
    first = {row.id: row.items[0] for row in rows}
    return next((first[row_id] for row_id in _HEROES if row_id in first), None)


async def page_of_row(session: AsyncSession, row_id: str, query: RowQuery, user_id: uuid.UUID) -> RowPage:
    """Return a page of a row of a viewer. Raises `RowNotFoundError`."""
    title = await _name(session, row_id)
    row = row_of(row_id, user_id, query.as_of)
    counted = row.order_by(None).subquery("counted")
    total, now = (await session.execute(select(func.count(), func.now()).select_from(counted))).one()
    ids = list(await session.scalars(row.limit(query.limit).offset(query.offset)))
    titles = await _titles(session, ids, user_id)
    items = _in_row(row_id, [titles[key] for key in ids if key in titles])
    as_of: dt.datetime = query.as_of or now
    return RowPage(
        id=row_id,
        title=title,
        items=items,
        total=total,
        limit=query.limit,
        offset=query.offset,
        as_of=as_of.astimezone(dt.UTC),
    )


async def _name(session: AsyncSession, row_id: str) -> str:
    if row_id in ROW_NAMES:
        return ROW_NAMES[row_id]
    kind, _, key = row_id.partition(":")
    series_id = uuid_of(key) if kind == SERIES else None
    if series_id is not None:
        has_titles = select(Content.id).where(Content.series_id == Series.id, SHOWN).exists()
        title = await session.scalar(select(Series.title).where(Series.id == series_id, has_titles))
        if title is not None:
            return title
    raise RowNotFoundError


def _in_row(row_id: str, items: list[Listed]) -> list[Listed]:
    """Return the titles of a row. Titles of one event are in watching order."""
    if row_id == "main_event":
        by_series: dict[object, list[Listed]] = defaultdict(list)
        for title in items:
            by_series[title.year, title.series_id].append(title)
        return [title for titles in by_series.values() for title in _in_watching_order(titles)]
    return _in_watching_order(items) if row_id.startswith(f"{SERIES}:") else items


def _in_watching_order(titles: Iterable[Listed]) -> list[Listed]:
    return [title for group in watching_order(titles) for title in group]


async def _titles(
    session: AsyncSession, ids: Collection[uuid.UUID], user_id: uuid.UUID
) -> dict[uuid.UUID, Listed]:
    rows = await session.execute(listed_columns().where(Content.id.in_(ids), SHOWN))
    titles = {row[0].id: listed_title(*row) for row in rows}
    await fill_viewing(session, user_id, titles.values())
    return titles

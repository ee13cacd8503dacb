"""Queries of series: the number of their titles, and the titles of a series in watching order."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import ColumnElement, Label, Text, Uuid, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content, Series, Thumbnail
from serving.flat_catalog.series_schemas import (
    AllSeries,
    OneSeries,
    Playable,
    SeriesQuery,
    SeriesTitlesQuery,
    Shelf,
)
from serving.http.errors import ApiError
from serving.titles.filters import STATUSES
from serving.titles.lists import listed_title, rows_of
from serving.titles.order import PLACE, watching_order
from serving.titles.pictures import Cover, Pictures, pictures_by_kind, poster_of
from serving.titles.viewing import fill_viewing


class SeriesNotFoundError(ApiError):
    """No series with visible titles has this id."""

    status = 404
    code = "SERIES_NOT_FOUND"
    message = "No series has this id: GET /api/series lists all series."


async def list_series(session: AsyncSession, query: SeriesQuery) -> AllSeries:
    """Return a page of the series that have visible titles."""
    shelves = _shelves(query.playable).subquery("shelves")
    wanted = [
        shelves.c[name] == value
        for name in ("brand", "region", "year")
        if (value := getattr(query, name)) is not None
    ]
    total = await session.scalar(select(func.count()).select_from(shelves).where(*wanted))
    column = shelves.c[query.sort.removeprefix("-")]
    order = column.desc().nulls_last() if query.sort.startswith("-") else column.asc().nulls_last()
    # The titles of series are unique.
    page = select(shelves, _pictures(shelves.c.pictured)).where(*wanted).order_by(order, shelves.c.title)
    rows = await session.execute(page.limit(query.limit).offset(query.offset))
    items = [_shelf(row) for row in rows]
    return AllSeries(items=items, total=total or 0, limit=query.limit, offset=query.offset)


async def read_series(
    session: AsyncSession, series_id: uuid.UUID, query: SeriesTitlesQuery, user_id: uuid.UUID
) -> OneSeries:
    """Return a series with a page of its titles, for a viewer. Raises `SeriesNotFoundError`."""
    shelves = _shelves(query.playable).where(Series.id == series_id).subquery("shelves")
    found = await session.execute(select(shelves, _pictures(shelves.c.pictured)))
    row = found.one_or_none()
    if row is None:
        raise SeriesNotFoundError
    ids = await _in_order(session, series_id, query.playable)
    page = await rows_of(session, ids[query.offset :][: query.limit])
    items = [listed_title(*title) for title in page]
    await fill_viewing(session, user_id, items)
    return OneSeries(
        **_shelf(row).model_dump(), items=items, total=len(ids), limit=query.limit, offset=query.offset
    )


def _shelves(playable: Playable) -> Any:
    """Select series with the number of their titles, and the id of a title with a poster."""
    pictured = func.min(cast(Content.id, Text)).filter(Content.thumbnail_path.is_not(None))
    return (
        select(
            Series.id,
            Series.title,
            Series.brand,
            Series.region,
            Series.year,
            func.count().label("titles"),
            pictured.label("pictured"),
        )
        .join(Content, Content.series_id == Series.id)
        .where(Content.is_visible, Content.status.in_(STATUSES[playable]))
        .group_by(Series.id)
    )


def _pictures(content_id: ColumnElement[str]) -> Label[Pictures]:
    """Select the pictures of a title of the outer statement, or null if it has no title."""
    return (
        select(pictures_by_kind)
        .select_from(Content)
        .join(Thumbnail, Thumbnail.media_file_id == Content.best_file_id)
        .where(Content.id == cast(content_id, Uuid))
        .scalar_subquery()
        .label("pictures")
    )


def _shelf(row: Any) -> Shelf:
    poster = f"/api/contents/{row.pictured}/poster.jpg" if row.pictured else None
    fields = {name: getattr(row, name) for name in ("id", "title", "brand", "region", "year", "titles")}
    found = poster_of(row.pictures)
    cover = Cover(content_id=row.pictured, **found.model_dump()) if found else None
    return Shelf(**fields, poster=poster, cover=cover)


async def _in_order(session: AsyncSession, series_id: uuid.UUID, playable: Playable) -> list[uuid.UUID]:
    rows = await session.execute(
        select(*PLACE).where(
            Content.series_id == series_id, Content.is_visible, Content.status.in_(STATUSES[playable])
        )
    )
    return [row.id for titles in watching_order(rows.all()) for row in titles]

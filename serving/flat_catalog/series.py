"""`GET /api/series` and `GET /api/series/{id}`: what belongs together on a shelf."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from sqlalchemy import Text as TextType
from sqlalchemy import cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content, Series
from serving.errors import SIGNED_IN, ApiError, RequestInvalidError, documented
from serving.listing import STATUSES, Listed, Text, listed, listed_columns
from serving.order import PLACE, place_of
from serving.programme import EXAMPLE
from serving.session import Session
from serving.viewer import SignedIn

router = APIRouter(tags=["catalogue"])

Playable = Literal["true", "false", "all"]


class SeriesNotFoundError(ApiError):
    """No series has this id, or nothing of it is to be seen."""

    status = 404
    code = "SERIES_NOT_FOUND"
    message = "There is no series with this id."


class SeriesAsked(BaseModel):
    """Which series, in which order, which page of them."""

    brand: Text | None = Field(default=None, examples=["WSOP"])
    region: Text | None = None
    year: int | None = Field(default=None, ge=0, le=9999)
    playable: Playable = Field(default="true", description="which titles count, as in the list of titles")
    sort: Literal["-year", "year", "title", "-title", "-titles"] = "-year"
    limit: int = Field(default=50, ge=0, le=200)
    offset: int = Field(default=0, ge=0, le=1_000_000_000)


class Shelf(BaseModel):
    """A series. `titles` counts those that may be seen; `poster` is of one of them."""

    id: uuid.UUID
    title: str
    brand: str
    region: str | None
    year: int | None
    titles: int
    poster: str | None


_EXAMPLE: JsonDict = {
    "id": "0b6f1f0e-3c55-4d8a-8d2e-9a7f5a1c2d33",
    "title": "WSOP 2024",
    "brand": "WSOP",
    "region": "las_vegas",
    "year": 2024,
    "titles": 64,
    "poster": "/api/contents/5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11/poster.jpg",
}


class AllSeries(BaseModel):
    """A page of series."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [_EXAMPLE], "total": 1, "limit": 50, "offset": 0}}
    )

    items: list[Shelf]
    total: int
    limit: int
    offset: int


class PageAsked(BaseModel):
    """Which titles of a series, which page of them."""

    playable: Playable = "true"
    limit: int = Field(default=50, ge=0, le=200)
    offset: int = Field(default=0, ge=0, le=1_000_000_000)


class OneSeries(Shelf):
    """A series and a page of its titles, in the order of watching; `total` counts those of all pages."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": _EXAMPLE
            | {
                "items": [EXAMPLE | {"playability": "direct", "reasons": []}],
                "total": 64,
                "limit": 50,
                "offset": 0,
            }
        }
    )

    items: list[Listed]
    total: int
    limit: int
    offset: int


@router.head("/series", include_in_schema=False)
@router.get("/series", summary="List series", responses=documented(RequestInvalidError, *SIGNED_IN))
async def list_series(_: SignedIn, asked: Annotated[SeriesAsked, Query()], session: Session) -> AllSeries:
    """Series of which something is to be seen, a page at a time."""
    shelves = _shelves(asked.playable).subquery()
    wanted = [
        shelves.c[name] == value
        for name in ("brand", "region", "year")
        if (value := getattr(asked, name)) is not None
    ]
    total = await session.scalar(select(func.count()).select_from(shelves).where(*wanted))
    column = shelves.c[asked.sort.removeprefix("-")]
    order = column.desc().nulls_last() if asked.sort.startswith("-") else column.asc().nulls_last()
    page = select(shelves).where(*wanted).order_by(order, shelves.c.title)
    rows = await session.execute(page.limit(asked.limit).offset(asked.offset))
    items = [_shelf(row) for row in rows]
    return AllSeries(items=items, total=total or 0, limit=asked.limit, offset=asked.offset)


@router.head("/series/{series_id}", include_in_schema=False)
@router.get(
    "/series/{series_id}",
    summary="One series",
    responses=documented(SeriesNotFoundError, RequestInvalidError, *SIGNED_IN),
)
async def get_series(
    _: SignedIn, series_id: uuid.UUID, asked: Annotated[PageAsked, Query()], session: Session
) -> OneSeries:
    """A series with its titles: events in turn, each from its first day to its final table."""
    row = (await session.execute(_shelves(asked.playable).where(Series.id == series_id))).one_or_none()
    if row is None:
        raise SeriesNotFoundError
    ids = await _in_order(session, series_id, asked.playable)
    items = await _titles(session, ids[asked.offset : asked.offset + asked.limit])
    return OneSeries(
        **_shelf(row).model_dump(), items=items, total=len(ids), limit=asked.limit, offset=asked.offset
    )


def _shelves(playable: Playable) -> Any:
    """Series with the number of their titles, and one that has a poster."""
    pictured = func.min(cast(Content.id, TextType)).filter(Content.thumbnail_path.is_not(None))
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


def _shelf(row: Any) -> Shelf:
    poster = f"/api/contents/{row.pictured}/poster.jpg" if row.pictured else None
    fields = {name: getattr(row, name) for name in ("id", "title", "brand", "region", "year", "titles")}
    return Shelf(**fields, poster=poster)


async def _in_order(session: AsyncSession, series_id: uuid.UUID, playable: Playable) -> list[uuid.UUID]:
    columns = (Content.id, Content.event_type, Content.event_number, Content.event_name, Content.content_type)
    rows = await session.execute(
        select(*columns, *PLACE).where(
            Content.series_id == series_id, Content.is_visible, Content.status.in_(STATUSES[playable])
        )
    )
    return [row.id for row in sorted(rows, key=_place_in_series)]


def _place_in_series(row: Any) -> tuple[Any, ...]:
    """The Main Event first, then the other events by their numbers, then what belongs to none."""
    kinds = {"main_event": 0, "bracelet": 1, "other": 2}
    event = (kinds.get(row.event_type or "", 3), row.event_number or 0, row.event_name or "")
    return (*event, row.content_type or "", place_of(row), str(row.id))


async def _titles(session: AsyncSession, ids: list[uuid.UUID]) -> list[Listed]:
    rows = await session.execute(listed_columns().where(Content.id.in_(ids)))
    found = {row[0].id: listed(*row) for row in rows}
    return [found[content_id] for content_id in ids if content_id in found]

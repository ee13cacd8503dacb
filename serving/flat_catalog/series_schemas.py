"""Schemas of series."""

from __future__ import annotations

import uuid
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.http.fields import QueryInt
from serving.titles.closed_sets import Region
from serving.titles.filters import Text, Year
from serving.titles.lists import EXAMPLE_LISTED, Listed
from serving.titles.pictures import EXAMPLE_POSTER, Cover

Playable = Literal["true", "false", "all"]


class SeriesQuery(BaseModel):
    """Filters, order and paging for series."""

    brand: Text | None = Field(default=None, examples=["WSOP"])
    region: Text | None = Field(default=None, examples=["las_vegas"])
    year: Year | None = Field(default=None, examples=[2024])
    playable: Playable = Field(default="true", description="Which titles count, as in `GET /api/contents`.")
    sort: Literal["year", "-year", "title", "-title", "titles", "-titles"] = Field(
        default="-year",
        description="The order of the series. `titles` sorts by their number of titles; `-` reverses it.",
    )
    limit: QueryInt = Field(default=50, ge=0, le=200)
    offset: QueryInt = Field(default=0, ge=0, le=1_000_000_000)


class Shelf(BaseModel):
    """A series. `titles` is the number of its visible titles; `poster` and `cover` belong to one of them."""

    id: uuid.UUID
    title: str
    brand: str
    region: Region | None
    year: int | None
    titles: int
    poster: str | None
    cover: Cover | None


_EXAMPLE: JsonDict = {
    "id": "0b6f1f0e-3c55-4d8a-8d2e-9a7f5a1c2d33",
    "title": "WSOP 2024",
    "brand": "WSOP",
    "region": "las_vegas",
    "year": 2024,
    "titles": 64,
    "poster": "/api/contents/5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11/poster.jpg",
    "cover": EXAMPLE_POSTER | {"content_id": "5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11"},
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


class SeriesTitlesQuery(BaseModel):
    """Filters and paging for the titles of a series."""

    playable: Playable = Field(
        default="true", description="Which titles to include, as in `GET /api/contents`."
    )
    limit: QueryInt = Field(default=50, ge=0, le=200)
    offset: QueryInt = Field(default=0, ge=0, le=1_000_000_000)


class OneSeries(Shelf):
    """A series and a page of its titles in watching order. `total` is the number of titles on all pages."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": _EXAMPLE
            | {
                "items": [EXAMPLE_LISTED],
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

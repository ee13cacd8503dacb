"""Schemas of the list of titles."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.http.fields import QueryInt
from serving.titles.filters import Filters, Text
from serving.titles.lists import EXAMPLE_LISTED, Listed

Sort = Literal[
    "title",
    "-title",
    "year",
    "-year",
    "date",
    "-date",
    "added",
    "-added",
    "duration",
    "-duration",
    "views",
    "-views",
    "watched",
    "-watched",
]


class TitlesQuery(Filters):
    """Filters, order and paging for titles."""

    sort: Sort = Field(
        default="-year",
        description="The order of the titles. `-` reverses it; titles without the field always come last. "
        "`-views`: the most viewed first; `-watched`: the most recently watched first.",
    )
    limit: QueryInt = Field(default=50, ge=0, le=200)
    offset: QueryInt = Field(default=0, ge=0, le=1_000_000_000)
    title: Text | None = Field(default=None, description="A part of the title. Case is ignored.")


class Titles(BaseModel):
    """A page of titles. `total` is the number of titles on all pages."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [EXAMPLE_LISTED],
                "total": 1,
                "limit": 50,
                "offset": 0,
            }
        }
    )

    items: list[Listed]
    total: int
    limit: int
    offset: int

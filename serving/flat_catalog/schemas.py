"""Schemas of lists."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from serving.http.fields import QueryInt
from serving.titles.lists import Filters, Listed, Text
from serving.titles.title import EXAMPLE

Sort = Literal[
    "title", "-title", "year", "-year", "date", "-date", "added", "-added", "duration", "-duration"
]


class TitlesQuery(Filters):
    """Which titles, in which order, which page of them."""

    sort: Sort = Field(
        default="-year", description="`-` turns the order round; what lacks the field comes last either way"
    )
    limit: QueryInt = Field(default=50, ge=0, le=200)
    offset: QueryInt = Field(default=0, ge=0, le=1_000_000_000)
    title: Text | None = Field(default=None, description="part of the title, in either case")


class Titles(BaseModel):
    """A page of titles; `total` counts those of all pages."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [EXAMPLE | {"playability": "direct", "reasons": []}],
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

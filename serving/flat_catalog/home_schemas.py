"""Schemas of the home page and its rows."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, WithJsonSchema
from typing_extensions import TypeAliasType

from serving.flat_catalog.home_rows import ROW_NAMES
from serving.http.fields import QueryInt
from serving.titles.closed_sets import one_of
from serving.titles.lists import EXAMPLE_LISTED, Listed

FixedRowId = TypeAliasType(
    "FixedRowId", Annotated[str, one_of(ROW_NAMES, "The id of a row that does not belong to a series.")]
)

SeriesRowId = TypeAliasType(
    "SeriesRowId",
    Annotated[
        str,
        WithJsonSchema(
            {
                "type": "string",
                "pattern": "^series:[0-9a-f-]{36}$",
                "description": "The id of a row of a series: `series:` and the id of the series.",
            }
        ),
    ],
)

RowId = TypeAliasType("RowId", FixedRowId | SeriesRowId)


class Row(BaseModel):
    """A row of titles."""

    id: RowId
    title: str
    items: list[Listed]


class Home(BaseModel):
    """The rows of the home page for the viewer. Each row has at most 20 titles, all of which play.

    `hero` is the title to show first: the first one of `continue_watching`, else of `main_event`, else of
    `recently_added`. It is null if no title plays.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "hero": EXAMPLE_LISTED,
                "rows": [
                    {"id": "continue_watching", "title": "Continue watching", "items": [EXAMPLE_LISTED]}
                ],
            }
        }
    )

    hero: Listed | None
    rows: list[Row]


def _in_utc(moment: dt.datetime) -> dt.datetime:
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("Input should be in the years 1 to 9999 of UTC") from None


class RowQuery(BaseModel):
    """Paging of a row."""

    limit: QueryInt = Field(default=20, ge=0, le=200)
    offset: QueryInt = Field(default=0, ge=0, le=1_000_000_000)
    as_of: Annotated[AwareDatetime, AfterValidator(_in_utc)] | None = Field(
        default=None,
        description="The `as_of` of the first page. With it, further pages of `trending` and `recently_added` "
        "continue in the same order, even if views are counted or titles are added meanwhile.",
    )


class RowPage(Row):
    """A page of a row. `total` is the number of titles on all pages.

    The first page with the default `limit` has the titles of the row in `GET /api/home`. On each page, titles
    of one event are in watching order.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": "trending",
                "title": "Trending this week",
                "items": [EXAMPLE_LISTED],
                "total": 1,
                "limit": 20,
                "offset": 0,
                "as_of": "2026-03-02T20:15:00Z",
            }
        }
    )

    total: int
    limit: int
    offset: int
    as_of: dt.datetime = Field(description="Send it with the requests for further pages.")

"""Schemas of the list and the history of a viewer."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, ConfigDict, Field

from serving.http.fields import QueryInt
from serving.titles.lists import EXAMPLE_LISTED, Listed


class PersonalQuery(BaseModel):
    """Paging of the titles of a viewer."""

    limit: QueryInt = Field(default=50, ge=0, le=200)
    offset: QueryInt = Field(default=0, ge=0, le=1_000_000_000)


class HistoryQuery(PersonalQuery):
    """Paging of the history, and the time zone of its days."""

    timezone: str = Field(
        default="UTC",
        pattern=r"^[A-Za-z][A-Za-z0-9_+/-]*$",
        max_length=64,
        description="The time zone in which days begin, by its name in the IANA database.",
        examples=["Asia/Seoul"],
    )


class WatchlistTitle(Listed):
    """A title in the list of the viewer."""

    added_at: dt.datetime


class Watchlist(BaseModel):
    """A page of the list of the viewer, the newest title first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [EXAMPLE_LISTED | {"added_at": "2026-03-02T20:15:00Z"}],
                "total": 1,
                "limit": 50,
                "offset": 0,
            }
        }
    )

    items: list[WatchlistTitle]
    total: int
    limit: int
    offset: int


class HistoryTitle(Listed):
    """A title that the viewer watched on a day, and the time of the last view that day."""

    viewed_on: dt.date
    viewed_at: dt.datetime


class History(BaseModel):
    """A page of the history of the viewer, the latest title first. A title occurs once a day."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [EXAMPLE_LISTED | {"viewed_on": "2026-03-02", "viewed_at": "2026-03-02T20:15:00Z"}],
                "total": 1,
                "limit": 50,
                "offset": 0,
            }
        }
    )

    items: list[HistoryTitle]
    total: int
    limit: int
    offset: int

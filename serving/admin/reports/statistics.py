"""`GET /api/admin/statistics`: daily statistics."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import func, select

from catalog_models.tables import DailyStatistics
from serving.http.errors import FOR_ROLES, RequestInvalidError, documented
from serving.http.fields import QueryInt
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.viewer import Admin

router = api_router("admin")


class StatisticsQuery(BaseModel):
    """The range of days, and paging."""

    since: dt.date | None = Field(default=None, description="The first day (UTC).", examples=["2026-03-01"])
    until: dt.date | None = Field(default=None, description="The last day (UTC).", examples=["2026-03-31"])
    limit: QueryInt = Field(default=31, ge=0, le=1_000)
    offset: QueryInt = Field(default=0, ge=0, le=1_000_000)


class Day(BaseModel):
    """The statistics of a day (UTC).

    The fields about the archive show its state when the day was aggregated. They are null for days that were
    aggregated later.
    """

    model_config = ConfigDict(from_attributes=True)

    day: dt.date
    views: int = Field(
        description="The number of views. A view counts after 30 seconds, or a tenth of the bytes."
    )
    viewers: int = Field(description="The number of accounts with a view.")
    players: int = Field(description="The number of playback sessions that started.")
    most_at_once: int = Field(description="The most concurrent playback sessions.")
    bytes_sent: int
    titles: int | None
    files: int | None
    archive_bytes: int | None


class Days(BaseModel):
    """A page of days, the latest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "day": "2026-03-02",
                        "views": 412,
                        "viewers": 96,
                        "players": 530,
                        "most_at_once": 41,
                        "bytes_sent": 1_830_000_000_000,
                        "titles": 855,
                        "files": 1_950,
                        "archive_bytes": 20_000_000_000_000,
                    }
                ],
                "total": 1,
                "limit": 31,
                "offset": 0,
            }
        }
    )

    items: list[Day]
    total: int
    limit: int
    offset: int


@router.get(
    "/admin/statistics",
    summary="List daily statistics",
    responses=documented(RequestInvalidError, *FOR_ROLES),
)
async def get_statistics(_: Admin, query: Annotated[StatisticsQuery, Query()], session: Session) -> Days:
    """List the statistics of past days. The flow `aggregate-statistics` adds a day after midnight (UTC)."""
    wanted = [
        *([DailyStatistics.day >= query.since] if query.since else []),
        *([DailyStatistics.day <= query.until] if query.until else []),
    ]
    total = await session.scalar(select(func.count()).select_from(DailyStatistics).where(*wanted))
    rows = await session.scalars(
        select(DailyStatistics)
        .where(*wanted)
        .order_by(DailyStatistics.day.desc())
        .limit(query.limit)
        .offset(query.offset)
    )
    return Days(
        items=[Day.model_validate(row) for row in rows],
        total=total or 0,
        limit=query.limit,
        offset=query.offset,
    )

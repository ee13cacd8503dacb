"""Schemas of the dashboard."""

from __future__ import annotations

import datetime as dt
import uuid

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.admin.reports.alerts import EXAMPLE_ALERT, OneAlert


class Now(BaseModel):
    """The current activity.

    `people_online` counts accounts that refreshed their tokens in the last 15 minutes.
    """

    active_streams: int
    waiting: int
    people_online: int


class Today(BaseModel):
    """The activity since midnight (UTC)."""

    views: int
    plays: int
    people: int = Field(description="The number of accounts that played a title.")
    bytes_sent: int
    signed_in: int
    new_titles: int


class Point(BaseModel):
    """The activity of an hour or a day that begins `at`."""

    at: dt.datetime
    plays: int
    people: int
    views: int


class TopTitle(BaseModel):
    """One of the most watched titles of the week."""

    id: uuid.UUID
    title: str
    views: int
    people: int


class Archive(BaseModel):
    """The size of the archive, and the number of items that need a decision."""

    ready_titles: int
    preparing_titles: int
    files: int
    bytes: int
    missing_files: int
    quarantined_files: int
    failures: int
    registrations_waiting: int
    roots_down: list[str] = Field(description="The locations of the roots that cannot be read.")


class System(BaseModel):
    """The machine and this process. Rates are shares from 0 to 1; `load` is the share of all processors."""

    version: str
    started_at: dt.datetime
    load: float
    memory_bytes: int
    memory_available_bytes: int
    process_bytes: int
    disk_bytes: int
    disk_free_bytes: int
    database_bytes: int
    error_rate: float
    cache_hit_rate: float = Field(
        description="The hit rate of L1 in this process. For the SSD, see `/api/admin/cache/copies`."
    )


_POINT: JsonDict = {"at": "2026-03-02T20:00:00Z", "plays": 14, "people": 9, "views": 11}
_SYSTEM: JsonDict = {
    "version": "0.2.0",
    "started_at": "2026-03-01T06:00:00Z",
    "load": 0.12,
    "memory_bytes": 25_769_803_776,
    "memory_available_bytes": 21_474_836_480,
    "process_bytes": 157_286_400,
    "disk_bytes": 1_000_204_886_016,
    "disk_free_bytes": 740_000_000_000,
    "database_bytes": 48_000_000,
    "error_rate": 0.0,
    "cache_hit_rate": 0.93,
}


class Dashboard(BaseModel):
    """The dashboard. Each series has all its hours or days; the last one is not over yet."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "now": {"active_streams": 12, "waiting": 0, "people_online": 17},
                "today": {
                    "views": 41,
                    "plays": 63,
                    "people": 22,
                    "bytes_sent": 118_111_600_640,
                    "signed_in": 25,
                    "new_titles": 3,
                },
                "last_24_hours": [_POINT],
                "last_7_days": [_POINT],
                "top_titles": [
                    {
                        "id": "5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11",
                        "title": "WSOP 2024 Main Event – Day 1A",
                        "views": 38,
                        "people": 21,
                    }
                ],
                "archive": {
                    "ready_titles": 612,
                    "preparing_titles": 243,
                    "files": 1_058,
                    "bytes": 19_500_000_000_000,
                    "missing_files": 0,
                    "quarantined_files": 4,
                    "failures": 1,
                    "registrations_waiting": 2,
                    "roots_down": [],
                },
                "system": _SYSTEM,
                "alerts": [EXAMPLE_ALERT],
            }
        }
    )

    now: Now
    today: Today
    last_24_hours: list[Point]
    last_7_days: list[Point]
    top_titles: list[TopTitle]
    archive: Archive
    system: System
    alerts: list[OneAlert] = Field(
        description="The latest open alerts, at most 50; `/api/admin/alerts` lists all."
    )

"""Schemas of the cache's statistics."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Kept(BaseModel):
    """The hits and misses of one kind of cached responses, in this process."""

    name: str
    hits: int
    misses: int


class Memory(BaseModel):
    """L1: responses cached in Redis. `hashes` counts those of all processes; null if Redis is unavailable."""

    state: Literal["connected", "not configured", "disconnected"]
    hashes: int | None
    hits: int
    misses: int
    hit_rate: float = Field(description="The share of hits from 0 to 1, since this process started.")
    most_asked: list[Kept]


class Slots(BaseModel):
    """L3: playback sessions of all processes that hold a slot or wait for one, and their limits."""

    playing: int
    limit: int
    limit_per_user: int
    waiting: int
    queue_limit: int
    lease_seconds: float


class Tier(BaseModel):
    """L4, the archive: the bytes that this process sent from it."""

    bytes_sent: int


class Ssd(Tier):
    """L2, the SSD: the bytes that this process sent from it, and the number and total size of its copies."""

    copies: int
    bytes: int


class OneCopy(BaseModel):
    """A copy on the SSD, and why it is kept.

    `hits` playback sessions received `bytes_sent` from the copy instead of the archive. `played` is whether
    it is being played now.
    """

    id: uuid.UUID
    content_id: uuid.UUID | None = Field(description="The title; null if the file no longer plays one.")
    title: str
    size: int
    why: str
    played: bool
    hits: int
    bytes_sent: int
    views: int = Field(description="The number of views in the last seven days.")
    copied_at: dt.datetime | None
    used_at: dt.datetime | None


class CopyList(BaseModel):
    """All copies, in the order of eviction."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [
                    {
                        "id": "1c9d7a52-0f3e-4a0e-8b1c-1f6d2b0a9c11",
                        "content_id": "5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11",
                        "title": "WSOP 2024 Main Event – Day 1A",
                        "size": 17_179_869_184,
                        "why": "7 views in 7 days keep 60,129,542,144 bytes off the archive",
                        "played": False,
                        "hits": 4,
                        "bytes_sent": 34_359_738_368,
                        "views": 7,
                        "copied_at": "2026-03-02T03:00:12Z",
                        "used_at": "2026-03-02T20:15:00Z",
                    }
                ],
                "total": 1,
                "limit": 1,
                "offset": 0,
            }
        }
    )

    items: list[OneCopy]
    total: int
    limit: int
    offset: int


class CacheStats(BaseModel):
    """Statistics of the four cache tiers."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "l1": {
                    "state": "connected",
                    "hashes": 2,
                    "hits": 930,
                    "misses": 70,
                    "hit_rate": 0.93,
                    "most_asked": [{"name": "home:rows", "hits": 930, "misses": 70}],
                },
                "l2": {"bytes_sent": 34_359_738_368, "copies": 1, "bytes": 17_179_869_184},
                "l3": {
                    "playing": 12,
                    "limit": 100,
                    "limit_per_user": 3,
                    "waiting": 0,
                    "queue_limit": 50,
                    "lease_seconds": 45.0,
                },
                "l4": {"bytes_sent": 81_604_378_624},
            }
        }
    )

    l1: Memory
    l2: Ssd
    l3: Slots
    l4: Tier


class Cleared(BaseModel):
    """The number of cleared hashes."""

    model_config = ConfigDict(json_schema_extra={"example": {"hashes": 2}})

    hashes: int


class WarmingRun(BaseModel):
    """The flow run that copies the title to the SSD. `url` is its page in the Prefect UI."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "run_id": "8f1c2d34-5b6a-4c7d-9e80-1a2b3c4d5e6f",
                "name": "WSOP 2024 Main Event – Day 1A",
                "state": "Scheduled",
                "url": "http://127.0.0.1:4200/runs/flow-run/8f1c2d34-5b6a-4c7d-9e80-1a2b3c4d5e6f",
            }
        }
    )

    run_id: uuid.UUID
    name: str
    state: str
    url: str | None

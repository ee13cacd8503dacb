"""What admins are told of the cache."""

from __future__ import annotations

import uuid
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Kept(BaseModel):
    """How often a kind of answers was found in memory, in the process that answers this."""

    name: str
    hits: int
    misses: int


class Memory(BaseModel):
    """L1: answers kept in Redis. `hashes` are those of all processes, null where Redis does not answer."""

    state: Literal["connected", "not configured", "disconnected"]
    hashes: int | None
    hits: int
    misses: int
    hit_rate: float = Field(description="from 0 to 1, since this process started")
    most_asked: list[Kept]


class Slots(BaseModel):
    """L3: players that hold a slot or wait for one, of all processes, and the limits."""

    playing: int
    limit: int
    limit_per_user: int
    waiting: int
    queue_limit: int
    lease_seconds: float


class Tier(BaseModel):
    """L2 (SSD) or L4 (the archive): bytes of titles that this process sent from it."""

    bytes_sent: int


class CacheStats(BaseModel):
    """The four tiers."""

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
                "l2": {"bytes_sent": 0},
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
    l2: Tier
    l3: Slots
    l4: Tier


class Cleared(BaseModel):
    """How many kinds of answers were forgotten."""

    model_config = ConfigDict(json_schema_extra={"example": {"hashes": 2}})

    hashes: int


class WarmingRun(BaseModel):
    """The flow run that copies the title to the SSD, and where it can be watched."""

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

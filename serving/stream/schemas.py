"""Schemas of playback sessions. Times are seconds."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.http.fields import JsonFloat

_PLAYBACK_ID = "b1f6c1de-6a0f-4f5e-9d7e-0c9a2f3e4d5c"
_PROGRESS: JsonDict = {"progress_seconds": 1_834.2, "completed": False}

# No title is longer than four months; what is no number (`NaN`, `Infinity`) is none here either.
Position = Annotated[JsonFloat, Field(ge=0, le=10_000_000, allow_inf_nan=False)]
# PostgreSQL's text holds no NUL.
Device = Annotated[str, Field(pattern=r"^[^\x00]*$", max_length=120)]
State = Literal["playing", "waiting"]


class StartRequest(BaseModel):
    """Open a playback session; or ask again for one that waits (`playback_id`), which keeps its place."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"device": "living room", "playback_id": None, "take_over": None}}
    )

    device: Device | None = Field(default=None, description="as it is shown to the person; else `User-Agent`")
    playback_id: uuid.UUID | None = None
    take_over: uuid.UUID | None = Field(
        default=None, description="another session of yours, which ends and gives its place to this one"
    )


class Started(BaseModel):
    """A session that plays, or waits at `position` (from 1) until all before it have a place."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "playback_id": _PLAYBACK_ID,
                "state": "playing",
                "position": 0,
                "playback_url": "/api/stream/5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11?playback=sfbB3moPT16d…",
                "expires_at": "2025-01-31T17:46:10Z",
                "heartbeat_seconds": 15.0,
                "lease_seconds": 45.0,
                "tier": "nas",
                "progress_seconds": 1_834.2,
            }
        }
    )

    playback_id: uuid.UUID
    state: State
    position: int
    playback_url: str | None = Field(
        description="null while it waits; for a `<video>`, which sends no header"
    )
    expires_at: dt.datetime | None = Field(description="of the URL, which a new start renews")
    heartbeat_seconds: float = Field(
        description="how often to send a heartbeat, or to ask again while waiting"
    )
    lease_seconds: float = Field(description="without bytes and heartbeats for so long, the place is lost")
    tier: Literal["ssd", "nas"]
    progress_seconds: float = Field(description="where to go on; 0 when the title was seen to its end")


class ProgressRequest(BaseModel):
    """Where the person is. 0 is not stored: players start there by themselves, after an error too."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"position_seconds": 1_834.2, "playback_id": _PLAYBACK_ID}}
    )

    position_seconds: Position
    playback_id: uuid.UUID | None = None


class Progress(BaseModel):
    """How far the person came; from 90 % on a title is completed."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"example": _PROGRESS})

    progress_seconds: float = Field(validation_alias="seconds")
    completed: bool


class HeartbeatRequest(BaseModel):
    """The player is there, playing or paused."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"playback_id": _PLAYBACK_ID, "position_seconds": 1_834.2}}
    )

    playback_id: uuid.UUID
    position_seconds: Position | None = None


class Heartbeat(BaseModel):
    """The session's state; one that was not seen for too long may wait for a place anew."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "playback_id": _PLAYBACK_ID,
                "state": "playing",
                "position": 0,
                "heartbeat_seconds": 15.0,
                "lease_seconds": 45.0,
            }
        }
    )

    playback_id: uuid.UUID
    state: State
    position: int
    heartbeat_seconds: float
    lease_seconds: float


class EndRequest(BaseModel):
    """The player has done; where it was."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"playback_id": _PLAYBACK_ID, "position_seconds": 1_834.2}}
    )

    playback_id: uuid.UUID
    position_seconds: Position | None = None

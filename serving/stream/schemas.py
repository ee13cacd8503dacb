"""Schemas of playback sessions. Durations and positions are in seconds."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.http.fields import JsonFloat

_PLAYBACK_ID = "b1f6c1de-6a0f-4f5e-9d7e-0c9a2f3e4d5c"
_PROGRESS: JsonDict = {"progress_seconds": 1_834.2, "completed": False}

# No title is longer than four months. `NaN` and `Infinity` are rejected.
Position = Annotated[JsonFloat, Field(ge=0, le=10_000_000, allow_inf_nan=False)]
# PostgreSQL cannot store NUL in text.
Device = Annotated[str, Field(pattern=r"^[^\x00]*$", max_length=120)]
State = Literal["playing", "waiting"]


class StartRequest(BaseModel):
    """Options of a new playback session.

    `playback_id` asks again for a waiting session, which keeps its position.
    """

    model_config = ConfigDict(
        json_schema_extra={"example": {"device": "living room", "playback_id": None, "take_over": None}}
    )

    device: Device | None = Field(
        default=None, description="The device name that the viewer sees; by default the `User-Agent`."
    )
    playback_id: uuid.UUID | None = None
    take_over: uuid.UUID | None = Field(
        default=None,
        description="The id of another session of the viewer, which ends and passes its slot to this one.",
    )


class Started(BaseModel):
    """A playback session that holds a slot (`position` 0), or waits at `position` (from 1) in the queue."""

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
        description="A signed URL for players that send no token; null while the session waits."
    )
    expires_at: dt.datetime | None = Field(description="When the URL expires. A new start returns a new URL.")
    heartbeat_seconds: float = Field(
        description="How often to send a heartbeat, or to repeat the start while waiting."
    )
    lease_seconds: float = Field(
        description="The slot is lost after this time without heartbeats and transferred bytes."
    )
    tier: Literal["ssd", "nas"]
    progress_seconds: float = Field(description="Where to continue; 0 if the title was watched to its end.")


class ProgressRequest(BaseModel):
    """The position of the viewer. Position 0 is ignored, because players start there, also after an error."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"position_seconds": 1_834.2, "playback_id": _PLAYBACK_ID}}
    )

    position_seconds: Position
    playback_id: uuid.UUID | None = None


class SavedProgress(BaseModel):
    """The watch progress of the viewer. A title is `completed` once 90 % of it has been watched."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"example": _PROGRESS})

    progress_seconds: float = Field(validation_alias="seconds")
    completed: bool


class HeartbeatRequest(BaseModel):
    """A heartbeat of a player, playing or paused."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"playback_id": _PLAYBACK_ID, "position_seconds": 1_834.2}}
    )

    playback_id: uuid.UUID
    position_seconds: Position | None = None


class Heartbeat(BaseModel):
    """The state of the session. A session whose lease expired may have to wait for a slot again."""

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
    """The session to end, and its last position."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"playback_id": _PLAYBACK_ID, "position_seconds": 1_834.2}}
    )

    playback_id: uuid.UUID
    position_seconds: Position | None = None

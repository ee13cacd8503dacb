"""A programme as every block shows it: the fields of its title, and where its pictures and its bytes are."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from catalog_models.tables import Content


class Programme(BaseModel):
    """The fields of a title; what its files' paths do not say is null."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    title: str
    short_title: str
    status: Literal["ready", "preparing", "gone"] = Field(
        description="`ready`: plays; `preparing`: no file of it plays yet; `gone`: no file of it is left"
    )
    duration_seconds: float | None
    brand: str | None
    region: str | None
    year: int | None
    date: dt.date | None
    event_type: str | None
    event_number: int | None
    event_name: str | None
    buy_in: int | None
    currency: str | None
    game: str | None
    stage: str | None
    day: str | None
    part: int | None
    season: int | None
    episode: int | None
    players: list[str] | None
    hands: list[str | None] | None
    hand_number: int | None
    content_type: str | None
    quality: Literal["sd", "hd", "4k"] | None
    series_id: uuid.UUID | None
    created_at: dt.datetime


class Urls(BaseModel):
    """Addresses relative to this server; null is what has not been made, or does not play."""

    content: str
    poster: str | None
    storyboard: str | None
    storyboard_index: str | None = Field(description="WebVTT, its cues point into the storyboard")
    stream: str | None


class Addressed(Protocol):
    """What addresses are made of: a title, or a row with these of its columns."""

    id: uuid.UUID
    status: str


def urls_of(content: Addressed | Content, pictures: Collection[str]) -> Urls:
    """The addresses of a programme with these kinds of pictures."""
    own = f"/api/contents/{content.id}"
    return Urls(
        content=own,
        poster=f"{own}/poster.jpg" if "poster" in pictures else None,
        storyboard=f"{own}/storyboard.jpg" if "storyboard" in pictures else None,
        storyboard_index=f"{own}/storyboard.vtt" if "storyboard_index" in pictures else None,
        stream=f"/api/stream/{content.id}" if content.status == "ready" else None,
    )


EXAMPLE: JsonDict = {
    "id": "5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11",
    "title": "WSOP 2024 Main Event – Day 1A",
    "short_title": "Main Event – Day 1A",
    "status": "ready",
    "duration_seconds": 27_193.5,
    "brand": "WSOP",
    "region": "las_vegas",
    "year": 2024,
    "date": "2024-07-03",
    "event_type": "main_event",
    "event_number": None,
    "event_name": None,
    "buy_in": 10_000,
    "currency": "USD",
    "game": "NLHE",
    "stage": None,
    "day": "1A",
    "part": None,
    "season": None,
    "episode": None,
    "players": None,
    "hands": None,
    "hand_number": None,
    "content_type": "stream",
    "quality": "hd",
    "series_id": "0b6f1f0e-3c55-4d8a-8d2e-9a7f5a1c2d33",
    "created_at": "2025-01-31T09:12:44Z",
    "urls": {
        "content": "/api/contents/5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11",
        "poster": "/api/contents/5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11/poster.jpg",
        "storyboard": "/api/contents/5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11/storyboard.jpg",
        "storyboard_index": "/api/contents/5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11/storyboard.vtt",
        "stream": "/api/stream/5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11",
    },
}

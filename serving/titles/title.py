"""The form of a title that all blocks share: its fields, and the URLs of its pictures and stream."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from catalog_models.tables import Content
from serving.http.fields import ListOf
from serving.titles.closed_sets import ContentType, EventStage, EventType, PictureQuality, Region, TitleStatus
from serving.titles.pictures import EXAMPLE_POSTER
from tasks.titles import BRANDS


def describe_brands() -> str:
    """Return a description that lists the brands of the vocabulary."""
    return f"One of {', '.join(f'`{brand}`' for brand in BRANDS)}."


class TitleFields(BaseModel):
    """The fields of a title. A field that the paths of its files do not state is null."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    title: str
    short_title: str
    status: TitleStatus
    duration_seconds: float | None
    brand: str | None = Field(description=describe_brands())
    region: Region | None
    year: int | None
    date: dt.date | None
    event_type: EventType | None
    event_number: int | None = Field(
        description="The number that the organizer gave the event: 21 is Event #21."
    )
    event_name: str | None
    buy_in: int | None = Field(description="The buy-in, in whole units of `currency`.")
    currency: str | None = Field(description="The currency of the buy-in, such as `USD` or `EUR`.")
    game: str | None = Field(description="The poker variant, such as `NLHE` or `PLO`.")
    stage: EventStage | None
    day: str | None = Field(description="The day of the event, or a flight of it: `1`, `1A`, `2ABC`.")
    part: int | None
    season: int | None
    episode: int | None
    players: ListOf[str]
    hands: ListOf[str | None] = Field(description="The hole cards of the players, in the order of `players`.")
    hand_number: int | None = Field(description="The number of the hand that a clip shows.")
    content_type: ContentType | None
    quality: PictureQuality | None
    series_id: uuid.UUID | None
    created_at: dt.datetime


class Urls(BaseModel):
    """URLs relative to this server.

    A URL is null if its picture does not exist or the title does not play.
    """

    content: str
    poster: str | None
    storyboard: str | None
    storyboard_index: str | None = Field(
        description="A WebVTT file whose cues refer to areas of the storyboard."
    )
    stream: str | None


class TitleReference(Protocol):
    """The fields of a title that its URLs depend on."""

    id: uuid.UUID
    status: str


def urls_of(content: TitleReference | Content, pictures: Collection[str]) -> Urls:
    """Return the URLs of a title with these kinds of pictures."""
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
    "players": [],
    "hands": [],
    "hand_number": None,
    "content_type": "stream",
    "quality": "hd",
    "series_id": "0b6f1f0e-3c55-4d8a-8d2e-9a7f5a1c2d33",
    "created_at": "2025-01-31T09:12:44Z",
    "poster": EXAMPLE_POSTER,
    "urls": {
        "content": "/api/contents/5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11",
        "poster": "/api/contents/5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11/poster.jpg",
        "storyboard": "/api/contents/5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11/storyboard.jpg",
        "storyboard_index": "/api/contents/5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11/storyboard.vtt",
        "stream": "/api/stream/5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11",
    },
}


class Hand(BaseModel):
    """A hand that is played in the title. Times are seconds from the start of the title."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    hand_index: int = Field(description="The number of the hand among the hands of the title.")
    start_seconds: float
    end_seconds: float
    is_best: bool
    category: str | None
    title: str | None
    players: ListOf[str]
    pot_size: int | None


EXAMPLE_HAND: JsonDict = {
    "id": "7d3e1a56-8f20-4a1d-9a0b-5c6d7e8f9a0b",
    "hand_index": 12,
    "start_seconds": 3_723.5,
    "end_seconds": 3_905.0,
    "is_best": True,
    "category": "bluff",
    "title": "River bluff for the chip lead",
    "players": ["Ann Carver", "Bo Lindqvist"],
    "pot_size": 4_250_000,
}

"""Schemas of a single title."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.http.fields import ListOf, QueryInt
from serving.titles.closed_sets import (
    MoovPlace,
    PlayabilityReason,
    PlayabilityVerdict,
    Region,
    RenditionKind,
    RenditionProgress,
)
from serving.titles.filters import Text
from serving.titles.pictures import EXAMPLE_POSTER, Poster
from serving.titles.title import EXAMPLE, EXAMPLE_HAND, Hand, TitleFields, Urls
from serving.titles.viewing import EXAMPLE_VIEWED, Viewed


class SeriesOfTitle(BaseModel):
    """The series of a title."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    title: str
    brand: str
    region: Region | None
    year: int | None


class File(BaseModel):
    """A file of the title.

    Sizes are bytes, durations seconds, bit rates bits per second, dimensions pixels.
    """

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    path: str = Field(
        validation_alias="path_text",
        description="The name of the file. For moderators and admins, its path relative to its root.",
    )
    plays: bool = Field(default=False, description="Whether this file plays, or would play.")
    variant: str | None
    playability: PlayabilityVerdict | None = Field(description="Null until the file has been read.")
    playability_reasons: ListOf[PlayabilityReason]
    size: int
    duration_seconds: float | None
    container: str | None
    bit_rate: int | None
    video_codec: str | None
    video_profile: str | None
    pixel_format: str | None
    width: int | None
    height: int | None
    rotation: int | None
    sample_aspect: float | None
    frame_rate: float | None
    interlaced: bool | None
    audio: ListOf[dict[str, Any]]
    chapters: ListOf[dict[str, Any]]
    moov: MoovPlace | None
    problem: str | None
    missing_since: dt.datetime | None
    quarantined_at: dt.datetime | None


_EXAMPLE_FILE: JsonDict = {
    "id": "c0a8f3d4-11d5-4a39-8f0b-6f4f1f1b7d10",
    "path": "2024 WSOP ME Day 1A.mp4",
    "plays": True,
    "variant": None,
    "playability": "direct",
    "playability_reasons": [],
    "size": 17_179_869_184,
    "duration_seconds": 27_193.5,
    "container": "mp4",
    "bit_rate": 5_054_000,
    "video_codec": "h264",
    "video_profile": "High",
    "pixel_format": "yuv420p",
    "width": 1920,
    "height": 1080,
    "rotation": 0,
    "sample_aspect": 1.0,
    "frame_rate": 29.97,
    "interlaced": False,
    "audio": [{"codec": "aac", "channels": 2, "sample_rate": 48_000, "language": "eng"}],
    "chapters": [],
    "moov": "first",
    "problem": None,
    "missing_since": None,
    "quarantined_at": None,
}


class Neighbour(Viewed):
    """The title that is watched before or after this one."""

    id: uuid.UUID
    title: str
    poster: Poster | None
    urls: Urls


_NEXT = "9a1d7c22-0f5e-4b7e-8e0d-2f1a3b4c5d6e"
_EXAMPLE_NEIGHBOUR: JsonDict = {
    "id": _NEXT,
    "title": "WSOP 2024 Main Event – Day 1B",
    "poster": EXAMPLE_POSTER,
    "urls": {
        "content": f"/api/contents/{_NEXT}",
        "poster": f"/api/contents/{_NEXT}/poster.jpg",
        "storyboard": None,
        "storyboard_index": None,
        "stream": f"/api/stream/{_NEXT}",
    },
    "progress": None,
    "in_list": False,
}


class Hands(BaseModel):
    """A page of the hands of a title, in order."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [EXAMPLE_HAND], "total": 1, "limit": 50, "offset": 0}}
    )

    items: list[Hand]
    total: int
    limit: int
    offset: int


class HandsQuery(BaseModel):
    """Filters and paging for the hands of a title."""

    best: bool | None = Field(
        default=None, description="`true`: only the best hands; `false`: only the others."
    )
    player: Text | None = Field(
        default=None,
        description="The name of a player of the hand, or words of it. Case and accents are ignored.",
        examples=["Lindqvist"],
    )
    category: Text | None = Field(
        default=None, description="The category of the hand. Case is ignored.", examples=["bluff"]
    )
    limit: QueryInt = Field(default=50, ge=0, le=1_000)
    offset: QueryInt = Field(default=0, ge=0, le=1_000_000_000)


class RenditionOfTitle(BaseModel):
    """The rendition that the title needs, or has."""

    state: RenditionProgress
    kind: RenditionKind | None = Field(description="Null if none is planned.")


class Title(TitleFields, Viewed):
    """A title in full.

    `why_this_file` explains why the playing file was chosen. `previous` and `next` are the neighbours in the
    watching order of the same event.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": EXAMPLE
            | EXAMPLE_VIEWED
            | {
                "description": None,
                "title_confidence": 0.9,
                "title_rule": "main_event_day",
                "series": {
                    "id": "0b6f1f0e-3c55-4d8a-8d2e-9a7f5a1c2d33",
                    "title": "WSOP 2024",
                    "brand": "WSOP",
                    "region": "las_vegas",
                    "year": 2024,
                },
                "why_this_file": "the only file: plays as it is, 1080 lines",
                "files": [_EXAMPLE_FILE],
                "rendition": None,
                "hands_played": [EXAMPLE_HAND],
                "previous": None,
                "next": _EXAMPLE_NEIGHBOUR,
            }
        }
    )

    description: str | None
    title_confidence: float | None
    title_rule: str | None
    series: SeriesOfTitle | None
    why_this_file: str | None
    files: list[File]
    rendition: RenditionOfTitle | None = Field(
        description="The rendition of the file that plays, or would play; null if it plays as it is. The "
        "`playability_reasons` of the file say why it is needed."
    )
    hands_played: list[Hand] = Field(description="All hands of the title, in order.")
    previous: Neighbour | None
    next: Neighbour | None
    poster: Poster | None
    urls: Urls

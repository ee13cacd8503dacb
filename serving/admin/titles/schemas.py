"""Schemas of titles for moderators."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from serving.http.fields import JsonBool, JsonInt, QueryInt
from serving.titles.closed_sets import ContentType, TitleStatus
from serving.titles.filters import Text
from tasks.catalogue.fields import EDITABLE, schema_of

Words = Annotated[str, Field(max_length=2_000)]
Ids = Annotated[list[uuid.UUID], Field(min_length=1, max_length=500)]


class AdminTitlesQuery(BaseModel):
    """Filters, order and paging for titles, including hidden ones."""

    q: Text | None = Field(default=None, description="A part of the title. Case is ignored.")
    status: Literal["ready", "preparing", "gone", "all"] = "all"
    visible: bool | None = Field(
        default=None, description="`true`: only titles that viewers see; `false`: only the others."
    )
    edited: bool | None = Field(
        default=None, description="`true`: only edited titles; `false`: only the others."
    )
    sort: Literal["-updated", "updated", "title", "-title", "-added", "confidence"] = "-updated"
    limit: QueryInt = Field(default=50, ge=0, le=200)
    offset: QueryInt = Field(default=0, ge=0, le=1_000_000_000)


class AdminTitle(BaseModel):
    """A title for moderators.

    `edits` are the fields that were edited, which take precedence over the rules. `is_visible` is whether
    viewers see the title. `hidden` is whether a moderator hid it.
    """

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    title: str
    short_title: str
    status: TitleStatus
    is_visible: bool
    hidden: bool = False
    brand: str | None
    year: int | None
    content_type: ContentType | None
    title_confidence: float | None
    title_rule: str | None
    files: int = 0
    edits: dict[str, Any] = Field(default_factory=dict)
    created_at: dt.datetime
    updated_at: dt.datetime


_TITLE: JsonDict = {
    "id": "5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11",
    "title": "WSOP 2024 Main Event – Day 1A",
    "short_title": "Main Event – Day 1A",
    "status": "ready",
    "is_visible": True,
    "hidden": False,
    "brand": "WSOP",
    "year": 2024,
    "content_type": "stream",
    "title_confidence": 0.9,
    "title_rule": "main_event_day",
    "files": 2,
    "edits": {"year": 2024},
    "created_at": "2025-01-31T09:12:44Z",
    "updated_at": "2026-03-02T20:15:00Z",
}


class AdminTitles(BaseModel):
    """A page of titles."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [_TITLE], "total": 1, "limit": 50, "offset": 0}}
    )

    items: list[AdminTitle]
    total: int
    limit: int
    offset: int


class OneAdminTitle(AdminTitle):
    """A title for moderators."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"example": _TITLE})


def _describe_edit(schema: JsonDict) -> None:
    """Document the checks of `tasks.catalogue.fields` in the schema."""
    properties = schema["properties"]
    assert isinstance(properties, dict)  # noqa: S101 - the model has fields
    for field in sorted(EDITABLE):
        properties[field] = {"anyOf": [schema_of(field), {"type": "null"}]}
    schema["example"] = {"title": "WSOP 2024 Main Event – Day 1A", "day": "1A", "undo": ["short_title"]}


class TitleEdit(BaseModel):
    """Edits of a title, which take precedence over the rules permanently.

    Omitted fields stay unchanged; null clears a field. `is_visible` false hides the title. `undo`
    lists fields whose edits are removed, so that the rules apply again.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra=_describe_edit)

    title: Words | None = None
    short_title: Words | None = None
    description: Words | None = None
    brand: Words | None = None
    region: Words | None = None
    year: JsonInt | None = None
    date: Words | None = None
    event_type: Words | None = None
    event_number: JsonInt | None = None
    event_name: Words | None = None
    buy_in: JsonInt | None = None
    currency: Words | None = None
    game: Words | None = None
    stage: Words | None = None
    day: Words | None = None
    part: JsonInt | None = None
    season: JsonInt | None = None
    episode: JsonInt | None = None
    players: list[str] | None = None
    hands: list[str | None] | None = None
    hand_number: JsonInt | None = None
    content_type: Words | None = None
    is_visible: JsonBool | None = None
    undo: Annotated[list[str], Field(max_length=100)] = []


class Merge(BaseModel):
    """The titles to merge into this one. They are no longer shown separately."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"others": ["9a1d7c22-0f5e-4b7e-8e0d-2f1a3b4c5d6e"]}}
    )

    others: Ids


class Split(BaseModel):
    """The files to split off into a new title."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"file_ids": ["c0a8f3d4-11d5-4a39-8f0b-6f4f1f1b7d10"]}}
    )

    file_ids: Ids


class Reading(BaseModel):
    """The fields that the rules read from the path of the best file: the title without edits."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "path": "WSOP 2024/Main Event/2024 WSOP ME Day 1A.mp4",
                "fields": {"brand": "WSOP", "year": 2024, "day": "1A", "confidence": 0.9},
            }
        }
    )

    path: str
    fields: dict[str, Any]

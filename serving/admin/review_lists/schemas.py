"""Lists of what waits for a person, and requests to retry or forget."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from serving.http.fields import QueryInt

Location = Annotated[str, Field(min_length=2, max_length=4_096, pattern=r"^(/|s3://)")]

_FILE = "c0a8f3d4-11d5-4a39-8f0b-6f4f1f1b7d10"
_TITLE = "5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11"


class PageQuery(BaseModel):
    """Which page."""

    limit: QueryInt = Field(default=50, ge=0, le=200)
    offset: QueryInt = Field(default=0, ge=0, le=1_000_000_000)


def _example(row: JsonDict) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": {"items": [row], "total": 1, "limit": 50, "offset": 0}})


class Review(BaseModel):
    """A title of which the rules were not sure (`confidence` below 0.5), and the file that it was read from."""

    id: uuid.UUID
    title: str
    confidence: float | None
    rule: str | None
    root: str | None
    path: str | None


class Reviews(BaseModel):
    """The least sure first."""

    model_config = _example(
        {
            "id": _TITLE,
            "title": "Untitled 3",
            "confidence": 0.2,
            "rule": "bare_number",
            "root": "/nas/archive",
            "path": "ARCHIVE/3.mp4",
        }
    )

    items: list[Review]
    total: int
    limit: int
    offset: int


class Quarantined(BaseModel):
    """A file that the quality gate keeps out of the catalogue, and why."""

    file_id: uuid.UUID
    root: str
    path: str
    message: str
    since: dt.datetime
    content_id: uuid.UUID | None


class Quarantine(BaseModel):
    """The latest first."""

    model_config = _example(
        {
            "file_id": _FILE,
            "root": "/nas/archive",
            "path": "WSOP 2011/ME ep 4.mov",
            "message": "the file ends early: 12 of 3,600 seconds are there",
            "since": "2026-03-02T20:15:00Z",
            "content_id": None,
        }
    )

    items: list[Quarantined]
    total: int
    limit: int
    offset: int


class DeadLetter(BaseModel):
    """A stage of the ingest that gave up on a file."""

    id: uuid.UUID
    file_id: uuid.UUID
    root: str
    path: str
    stage: str
    tries: int
    error: str
    last_failed_at: dt.datetime
    content_id: uuid.UUID | None


class Failures(BaseModel):
    """The latest first."""

    model_config = _example(
        {
            "id": "2d1c7f44-6a1e-4f0b-9c58-7b8e9d0a1f23",
            "file_id": _FILE,
            "root": "/nas/archive",
            "path": "WSOP 2011/ME ep 4.mov",
            "stage": "thumbnails",
            "tries": 3,
            "error": "no picture within 180 s",
            "last_failed_at": "2026-03-02T20:15:00Z",
            "content_id": _TITLE,
        }
    )

    items: list[DeadLetter]
    total: int
    limit: int
    offset: int


class MissingFile(BaseModel):
    """A file that was not in the archive at the last scan of its root. `path` is below `root`."""

    file_id: uuid.UUID
    root: str
    path: str
    size: int
    since: dt.datetime
    content_id: uuid.UUID | None


class Missing(BaseModel):
    """The latest first."""

    model_config = _example(
        {
            "file_id": _FILE,
            "root": "/nas/archive",
            "path": "2009/Show 11/Show 11 part 1.mov",
            "size": 8_123_456_789,
            "since": "2026-03-02T20:15:00Z",
            "content_id": _TITLE,
        }
    )

    items: list[MissingFile]
    total: int
    limit: int
    offset: int


class MissingFolder(BaseModel):
    """A file; or a folder, whose `path` ends in a slash (`./` is the root itself).

    Of the `known` files of the folder, `files` are missing, the last of them `since` then.
    """

    root: str
    path: str
    files: int
    known: int
    since: dt.datetime | None


class MissingFolders(BaseModel):
    """Those with most files first."""

    model_config = _example(
        {
            "root": "/nas/archive",
            "path": "2009/Show 11/",
            "files": 24,
            "known": 24,
            "since": "2026-03-02T20:15:00Z",
        }
    )

    items: list[MissingFolder]
    total: int
    limit: int
    offset: int


class ForgetMissing(BaseModel):
    """Missing files by their ids, or whole paths of files and folders, or both."""

    model_config = ConfigDict(json_schema_extra={"example": {"paths": ["/nas/archive/2009/Show 11"]}})

    file_ids: Annotated[list[uuid.UUID], Field(max_length=1_000)] = []
    paths: Annotated[list[Location], Field(max_length=1_000)] = []

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not (self.file_ids or self.paths):
            raise ValueError("name file_ids or paths")
        return self


class Forgotten(BaseModel):
    """How many missing files were forgotten."""

    model_config = ConfigDict(json_schema_extra={"example": {"files": 24}})

    files: int


class RetryFailures(BaseModel):
    """Dead letters, by their ids."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"ids": ["2d1c7f44-6a1e-4f0b-9c58-7b8e9d0a1f23"]}}
    )

    ids: Annotated[list[uuid.UUID], Field(min_length=1, max_length=1_000)]


class RetryQuarantined(BaseModel):
    """Files, by their ids. `accept`: they are as they should be, though they were more once."""

    model_config = ConfigDict(json_schema_extra={"example": {"file_ids": [_FILE], "accept": False}})

    file_ids: Annotated[list[uuid.UUID], Field(min_length=1, max_length=1_000)]
    accept: Annotated[bool, Field(strict=True)] = False


class Due(BaseModel):
    """Files that the next ingest takes up again."""

    model_config = ConfigDict(json_schema_extra={"example": {"file_ids": [_FILE]}})

    file_ids: list[uuid.UUID]

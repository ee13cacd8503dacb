"""Schemas of the review lists and of their actions."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from serving.http.fields import QueryInt
from serving.titles.closed_sets import IngestStage

Location = Annotated[str, Field(min_length=2, max_length=4_096, pattern=r"^(/|s3://)")]

_FILE = "c0a8f3d4-11d5-4a39-8f0b-6f4f1f1b7d10"
_TITLE = "5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11"


class PageQuery(BaseModel):
    """Paging of a list."""

    limit: QueryInt = Field(default=50, ge=0, le=200)
    offset: QueryInt = Field(default=0, ge=0, le=1_000_000_000)


def _example(row: JsonDict) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": {"items": [row], "total": 1, "limit": 50, "offset": 0}})


class Review(BaseModel):
    """A title that the rules are unsure about (`confidence` below 0.5), with the file it was read from."""

    id: uuid.UUID
    title: str
    confidence: float | None
    rule: str | None
    root: str | None
    path: str | None


class Reviews(BaseModel):
    """A page of unsure titles, the least certain first."""

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
    """A file that the quality gate keeps out of the catalogue, and the reason."""

    file_id: uuid.UUID
    root: str
    path: str
    message: str
    since: dt.datetime
    content_id: uuid.UUID | None


class Quarantine(BaseModel):
    """A page of quarantined files, the latest first."""

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
    """A file that a stage of the ingest gave up on."""

    id: uuid.UUID
    file_id: uuid.UUID
    root: str
    path: str
    stage: IngestStage
    tries: int
    error: str
    last_failed_at: dt.datetime
    content_id: uuid.UUID | None


class Failures(BaseModel):
    """A page of dead letters, the latest first."""

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
    """A file that was missing at the last scan of its root. `path` is relative to `root`."""

    file_id: uuid.UUID
    root: str
    path: str
    size: int
    since: dt.datetime
    content_id: uuid.UUID | None


class Missing(BaseModel):
    """A page of missing files, the latest first."""

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
    """A missing file, or a folder with missing files.

    The `path` of a folder ends with a slash; `./` is the root itself. Of the `known` files of the folder,
    `files` are missing, the latest of them `since` that time.
    """

    root: str
    path: str
    files: int
    known: int
    since: dt.datetime | None


class MissingFolders(BaseModel):
    """A page of folders with missing files, those with most files first."""

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
    """The missing files to forget, by their ids, by absolute paths of files and folders, or both."""

    model_config = ConfigDict(json_schema_extra={"example": {"paths": ["/nas/archive/2009/Show 11"]}})

    file_ids: Annotated[list[uuid.UUID], Field(max_length=1_000)] = []
    paths: Annotated[list[Location], Field(max_length=1_000)] = []

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not (self.file_ids or self.paths):
            raise ValueError("file_ids or paths is required")
        return self


class Forgotten(BaseModel):
    """The number of forgotten files."""

    model_config = ConfigDict(json_schema_extra={"example": {"files": 24}})

    files: int


class RetryFailures(BaseModel):
    """The ids of the dead letters to retry."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"ids": ["2d1c7f44-6a1e-4f0b-9c58-7b8e9d0a1f23"]}}
    )

    ids: Annotated[list[uuid.UUID], Field(min_length=1, max_length=1_000)]


class RetryQuarantined(BaseModel):
    """The ids of the files to check again. `accept` accepts them as they are, even if they have shrunk."""

    model_config = ConfigDict(json_schema_extra={"example": {"file_ids": [_FILE], "accept": False}})

    file_ids: Annotated[list[uuid.UUID], Field(min_length=1, max_length=1_000)]
    accept: Annotated[bool, Field(strict=True)] = False


class Due(BaseModel):
    """The files that the next ingest processes again."""

    model_config = ConfigDict(json_schema_extra={"example": {"file_ids": [_FILE]}})

    file_ids: list[uuid.UUID]

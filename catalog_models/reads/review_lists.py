"""Lists that people review: uncertain titles, missing and quarantined files, dead letters."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from catalog_models.reads.problem_files import MISSING
from catalog_models.scope import Scope, within_any
from catalog_models.tables import Content, ContentOverride, FindingRow, MediaFile, Root, StageFailure
from catalog_models.values import DAMAGE, Severity

T = TypeVar("T")

_CERTAIN = 0.5
"""The confidence below which a person should review a title."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """At most `limit` of `total` rows, from the one at `offset` on."""

    items: list[T]
    total: int
    limit: int
    offset: int


@dataclass(frozen=True)
class UncertainTitle:
    """A title that was read with little confidence, and its file: `path` below `root`."""

    id: uuid.UUID
    title: str
    confidence: float | None
    rule: str | None
    root: str | None
    path: str | None


@dataclass(frozen=True)
class ProblemFile:
    """A quarantined or damaged file and its problem; `content_id`: the title that it shows, or would show."""

    file_id: uuid.UUID
    root: str
    path: str
    message: str
    since: dt.datetime
    content_id: uuid.UUID | None


@dataclass(frozen=True)
class MissingFile:
    """A file that the last scan did not find; `content_id`: the title that it shows."""

    file_id: uuid.UUID
    root: str
    path: str
    size: int
    since: dt.datetime
    content_id: uuid.UUID | None


@dataclass(frozen=True)
class DeadLetter:
    """A stage that failed on a file; `content_id`: the title that the file shows."""

    id: uuid.UUID
    file_id: uuid.UUID
    root: str
    path: str
    stage: str
    tries: int
    error: str
    last_failed_at: dt.datetime
    content_id: uuid.UUID | None


def list_uncertain(session: Session, limit: int, offset: int = 0) -> Page[UncertainTitle]:
    """Return shown titles that were read with little confidence, the least certain first.

    Titles whose `title` a person has edited are left out.
    """
    edited = exists().where(ContentOverride.content_id == Content.id, ContentOverride.field == "title")
    columns = (
        Content.id,
        Content.title,
        Content.title_confidence,
        Content.title_rule,
        Root.path_text,
        Content.file_path,
    )
    query = (
        select(*columns)
        .outerjoin(MediaFile, MediaFile.id == Content.best_file_id)
        .outerjoin(Root, Root.id == MediaFile.root_id)
        .where(Content.is_visible, Content.title_confidence < _CERTAIN, ~edited)
        .order_by(Content.title_confidence, Content.title, Content.id)
    )
    return _page(session, query, UncertainTitle, limit, offset)


def list_missing(session: Session, limit: int, offset: int = 0) -> Page[MissingFile]:
    """Return missing files that were not forgotten, the latest first."""
    columns = (
        MediaFile.id,
        Root.path_text,
        MediaFile.path_text,
        MediaFile.size,
        MediaFile.missing_since,
        MediaFile.content_id,
    )
    query = (
        select(*columns)
        .join(Root, Root.id == MediaFile.root_id)
        .where(MISSING)
        .order_by(MediaFile.missing_since.desc(), Root.path_text, MediaFile.path_text, MediaFile.id)
    )
    return _page(session, query, MissingFile, limit, offset)


def list_quarantined(session: Session, limit: int, offset: int = 0) -> Page[ProblemFile]:
    """Return present files that the quality gate keeps out, the latest first."""
    messages = (
        select(func.string_agg(FindingRow.message, "; "))
        .where(FindingRow.media_file_id == MediaFile.id, FindingRow.resolved_at.is_(None))
        .where(FindingRow.severity == Severity.QUARANTINE)
        .scalar_subquery()
    )
    columns = (
        MediaFile.id,
        Root.path_text,
        MediaFile.path_text,
        func.coalesce(messages, ""),
        MediaFile.quarantined_at,
        MediaFile.content_id,
    )
    query = (
        select(*columns)
        .join(Root, Root.id == MediaFile.root_id)
        .where(MediaFile.quarantined_at.is_not(None), MediaFile.missing_since.is_(None))
        .order_by(MediaFile.quarantined_at.desc(), MediaFile.path_text, MediaFile.id)
    )
    return _page(session, query, ProblemFile, limit, offset)


def list_damaged(session: Session, limit: int, offset: int = 0) -> Page[ProblemFile]:
    """Return present files with damaged content, the latest first."""
    columns = (
        MediaFile.id,
        Root.path_text,
        MediaFile.path_text,
        FindingRow.message,
        FindingRow.first_seen_at,
        MediaFile.content_id,
    )
    query = (
        select(*columns)
        .join(MediaFile, MediaFile.id == FindingRow.media_file_id)
        .join(Root, Root.id == MediaFile.root_id)
        .where(FindingRow.rule.in_(DAMAGE), FindingRow.resolved_at.is_(None))
        .where(MediaFile.missing_since.is_(None))
        .order_by(FindingRow.first_seen_at.desc(), MediaFile.path_text, FindingRow.id)
    )
    return _page(session, query, ProblemFile, limit, offset)


def list_failures(
    session: Session, limit: int, offset: int = 0, scopes: Sequence[Scope | None] = ()
) -> Page[DeadLetter]:
    """Return dead letters of present files, the latest first. `scopes`: only of files in these."""
    columns = (
        StageFailure.id,
        MediaFile.id,
        Root.path_text,
        MediaFile.path_text,
        StageFailure.stage,
        StageFailure.tries,
        StageFailure.error,
        StageFailure.last_failed_at,
        MediaFile.content_id,
    )
    query = (
        select(*columns)
        .join(MediaFile, MediaFile.id == StageFailure.media_file_id)
        .join(Root, Root.id == MediaFile.root_id)
        .where(MediaFile.missing_since.is_(None), within_any(scopes))
        .order_by(StageFailure.last_failed_at.desc(), MediaFile.path_text, StageFailure.id)
    )
    return _page(session, query, DeadLetter, limit, offset)


def _page(session: Session, query: Select[Any], row: type[T], limit: int, offset: int) -> Page[T]:
    counted = query.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    found: Sequence[Any] = session.execute(query.limit(limit).offset(offset)).all()
    return Page([row(*columns) for columns in found], session.scalar(counted) or 0, limit, offset)

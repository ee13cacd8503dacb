"""Writes `media_files` as scans find them: new, changed, moved, missing and forgotten files."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, literal
from sqlalchemy.orm import Session

from catalog_models.scope import Scope, within
from catalog_models.tables import MediaFile
from catalog_models.values import ScannedFile, path_as_text
from catalog_models.writes.file_updates import update_each, update_files, update_where

_PRESENT = {"missing_since": None, "forgotten_at": None}


def add(session: Session, root_id: uuid.UUID, found: Iterable[ScannedFile]) -> None:
    """Add rows for new files."""
    rows = [{"root_id": root_id, **_place(file)} for file in found]
    if rows:
        session.execute(insert(MediaFile), rows)


def change(session: Session, changed: Mapping[uuid.UUID, ScannedFile]) -> None:
    """Store the sizes and times of files whose content has changed, and make all their stages due.

    The pictures stay until the new fingerprint shows other content (`stage_results.store_inspections`).
    """
    again = {"metadata_at": None, "quality_at": None, "catalogue_at": None}
    update_each(session, [{"id": file_id, **_place(file), **again} for file_id, file in changed.items()])


def move(session: Session, root_id: uuid.UUID, moved: Mapping[uuid.UUID, ScannedFile]) -> None:
    """Store the new paths of moved files. Their titles are read again."""
    again = {"root_id": root_id, **_PRESENT, "title_at": None, "catalogue_at": None}
    update_each(session, [{"id": file_id, **_place(file), **again} for file_id, file in moved.items()])


def _place(file: ScannedFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "path_text": path_as_text(file.path),
        "size": file.size,
        "mtime_ns": file.mtime_ns,
    }


def take_over(session: Session, old_root: uuid.UUID, new_root: uuid.UUID, prefix: bytes) -> None:
    """Give the files of a root to another root.

    `prefix` is the path of the old root below the new one, empty for the same folder.
    """
    start = prefix + b"/" if prefix else b""
    path = literal(start).op("||")(MediaFile.path)
    text = path_as_text(start) + MediaFile.path_text
    statement = update_where(MediaFile.root_id == old_root)
    session.execute(statement.values(root_id=new_root, path=path, path_text=text))


def mark_missing(session: Session, file_ids: Collection[uuid.UUID]) -> None:
    """Mark files as missing. Their rows stay: the files may return."""
    here = MediaFile.missing_since.is_(None)
    session.execute(update_files(file_ids).where(here).values(missing_since=func.now(), catalogue_at=None))


def mark_root_missing(session: Session, root_id: uuid.UUID) -> None:
    """Mark all files of a root as missing."""
    here = (MediaFile.root_id == root_id, MediaFile.missing_since.is_(None))
    session.execute(update_where(and_(*here)).values(missing_since=func.now(), catalogue_at=None))


def mark_returned(session: Session, file_ids: Collection[uuid.UUID]) -> None:
    """Mark missing files as present, with the same content."""
    session.execute(update_files(file_ids).values(**_PRESENT, catalogue_at=None))


def forget_missing(session: Session, which: ColumnElement[bool]) -> list[uuid.UUID]:
    """Forget missing files: no list and no count has them. Their rows stay; return their ids."""
    missing = and_(which, MediaFile.missing_since.is_not(None), MediaFile.forgotten_at.is_(None))
    statement = update_where(missing).values(forgotten_at=func.now()).returning(MediaFile.id)
    return list(session.scalars(statement))


def reset_stages(session: Session, scope: Scope | None) -> None:
    """Make all stages due for all files of the scope."""
    again = dict.fromkeys(("metadata_at", "title_at", "quality_at", "catalogue_at", "thumbnails_at"))
    session.execute(update_where(within(scope)).values(again))


def pin(session: Session, file_ids: Collection[uuid.UUID], content_id: uuid.UUID) -> None:
    """Let these files show this title whatever their paths say, by a person's decision."""
    session.execute(update_files(file_ids).values(grouped_by="human", content_id=content_id))

"""Writes `roots`."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from catalog_models.locations import path_below
from catalog_models.reads.roots import root_of
from catalog_models.tables import Root
from catalog_models.values import path_as_text
from catalog_models.writes import media_files


def find_or_create(session: Session, folder: bytes) -> tuple[Root, bytes]:
    """Return the root that contains an absolute folder, and the path below it. Create the root if missing.

    A new root above known ones replaces them: their files keep their rows, with longer paths. A lock lets one
    scan at a time do this, until the transaction ends.
    """
    session.execute(text("lock table roots in share row exclusive mode"))
    if known := root_of(session, folder):
        return session.get_one(Root, known.root_id), known.below
    return _create(session, folder), b""


def _create(session: Session, folder: bytes) -> Root:
    known = session.scalars(select(Root)).all()
    new_id = session.scalars(
        insert(Root).values(path=folder, path_text=path_as_text(folder)).returning(Root.id)
    ).one()
    for inner in known:
        if below := path_below(folder, inner.path):
            media_files.take_over(session, inner.id, new_id, below)
            session.delete(inner)
    session.flush()
    return session.get_one(Root, new_id)


def merge(session: Session, root_id: uuid.UUID, new_root: uuid.UUID, below: bytes) -> None:
    """Merge a moved root into another, below the folder `below`. Files not found there are missing."""
    media_files.mark_root_missing(session, root_id)
    media_files.take_over(session, root_id, new_root, below)
    session.execute(delete(Root).where(Root.id == root_id))


def record_scan(session: Session, root_id: uuid.UUID) -> None:
    """Record that the root was just scanned."""
    statement = update(Root).where(Root.id == root_id).values(scanned_at=func.now())
    session.execute(statement, execution_options={"synchronize_session": False})


def record_summary(session: Session, root_id: uuid.UUID, summary: dict[str, Any]) -> None:
    """Store the summary of the last ingest."""
    session.execute(update(Root).where(Root.id == root_id).values(last_summary=summary))

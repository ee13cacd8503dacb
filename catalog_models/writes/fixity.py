"""Writes `fixity` and `fixity_failures`."""

from __future__ import annotations

import uuid

from sqlalchemy import delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog_models.tables import Fixity, FixityFailure


def store(session: Session, row: Fixity) -> None:
    """Store the digest with which the file is compared from now on."""
    columns = {
        name: getattr(row, name) for name in ("media_file_id", "sha256", "size", "mtime_ns", "fingerprint")
    }
    fresh = {**columns, "hashed_at": func.now(), "verified_at": func.now(), "differs_since": None}
    statement = insert(Fixity).values(columns)
    session.execute(statement.on_conflict_do_update(index_elements=["media_file_id"], set_=fresh))


def record_match(session: Session, file_id: uuid.UUID, mtime_ns: int) -> None:
    """Record that the file was read and has the same digest; its time stamp may have changed."""
    match = update(Fixity).where(Fixity.media_file_id == file_id)
    session.execute(match.values(verified_at=func.now(), mtime_ns=mtime_ns, differs_since=None))


def record_mismatch(session: Session, file_id: uuid.UUID) -> None:
    """Record that the file has another digest. The old one is kept, as a restored file will have it."""
    mismatch = update(Fixity).where(Fixity.media_file_id == file_id)
    since = func.coalesce(Fixity.differs_since, func.now())
    session.execute(mismatch.values(verified_at=func.now(), differs_since=since))


def record_failure(session: Session, file_id: uuid.UUID) -> None:
    """Record that the file could not be read, so that other files come first."""
    failure = insert(FixityFailure).values(media_file_id=file_id)
    again = {"failed_at": func.now()}
    session.execute(failure.on_conflict_do_update(index_elements=["media_file_id"], set_=again))


def clear_failure(session: Session, file_id: uuid.UUID) -> None:
    """Record that the file could be read."""
    session.execute(delete(FixityFailure).where(FixityFailure.media_file_id == file_id))

"""Writes `fixity`."""

from __future__ import annotations

import uuid

from sqlalchemy import delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog_models.tables import Fixity, FixityFailure


def store(session: Session, row: Fixity) -> None:
    """This is what the file is from now on."""
    columns = {
        name: getattr(row, name) for name in ("media_file_id", "sha256", "size", "mtime_ns", "fingerprint")
    }
    fresh = {**columns, "hashed_at": func.now(), "verified_at": func.now(), "differs_since": None}
    statement = insert(Fixity).values(columns)
    session.execute(statement.on_conflict_do_update(index_elements=["media_file_id"], set_=fresh))


def record_match(session: Session, file_id: uuid.UUID, mtime_ns: int) -> None:
    """All of the file was read, and is what it was; it may have been touched."""
    same = update(Fixity).where(Fixity.media_file_id == file_id)
    session.execute(same.values(verified_at=func.now(), mtime_ns=mtime_ns, differs_since=None))


def record_mismatch(session: Session, file_id: uuid.UUID) -> None:
    """It is another. What it was is kept: a restored file will be it again."""
    other = update(Fixity).where(Fixity.media_file_id == file_id)
    since = func.coalesce(Fixity.differs_since, func.now())
    session.execute(other.values(verified_at=func.now(), differs_since=since))


def record_failure(session: Session, file_id: uuid.UUID) -> None:
    """It could not be read: others come first now."""
    noted = insert(FixityFailure).values(media_file_id=file_id)
    again = {"failed_at": func.now()}
    session.execute(noted.on_conflict_do_update(index_elements=["media_file_id"], set_=again))


def clear_failure(session: Session, file_id: uuid.UUID) -> None:
    """It could be read."""
    session.execute(delete(FixityFailure).where(FixityFailure.media_file_id == file_id))

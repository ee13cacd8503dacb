"""Writes `cached_files`: room is reserved first, and a complete copy is published last.

All times are the database's, so that clocks of processes do not matter.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, delete, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog_models.reads.copies import CURRENT_COPY, IN_USE
from catalog_models.reads.renditions import CURRENT_RENDITION, PLAYABLE, PLAYED_MTIME_NS, PLAYED_SIZE
from catalog_models.tables import CachedFile, Content, MediaFile, Rendition, Reservation
from catalog_models.values import Claim

# The advisory lock under which room is counted and reserved.
_ROOM_LOCK = 7_365_118_011


def reserve(
    session: Session,
    file_id: uuid.UUID,
    claim: Claim,
    reason: Mapping[str, Any],
    budget: int,
) -> Reservation | None:
    """Reserve room for a copy of what plays for a file, within a budget of bytes for all copies.

    Return None if there is a copy or one in the making, if it would exceed the budget, or if it is not known
    at the moment what plays for the file. May be repeated with the same claim, as an interrupted commit may
    have succeeded.
    """
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ROOM_LOCK})
    taken = select(func.coalesce(func.sum(CachedFile.size), 0)).scalar_subquery()
    values = (literal(claim.id), MediaFile.id, PLAYED_SIZE, PLAYED_MTIME_NS, *_literal(claim, reason))
    file = (
        select(*values)
        .outerjoin(Rendition, CURRENT_RENDITION)
        .where(MediaFile.id == file_id, MediaFile.missing_since.is_(None), PLAYABLE)
        .where(taken + PLAYED_SIZE <= budget)
    )
    columns = ["id", "media_file_id", "size", "mtime_ns", "owner", "claimed_until", "reason"]
    insertion = insert(CachedFile).from_select(columns, file).on_conflict_do_nothing()
    session.execute(insertion)
    what = (CachedFile.id, CachedFile.media_file_id, CachedFile.size, CachedFile.mtime_ns)
    reserved = select(*what).where(CachedFile.id == claim.id, CachedFile.state == "copying")
    row = session.execute(reserved).one_or_none()
    return Reservation(*row) if row else None


def _literal(claim: Claim, reason: Mapping[str, Any]) -> tuple[ColumnElement[Any], ...]:
    return literal(claim.owner), func.now() + claim.lease, literal(dict(reason), CachedFile.reason.type)


def renew(session: Session, owner: str, lease: dt.timedelta) -> None:
    """Extend the claims of an owner that still copies."""
    reserved = update(CachedFile).where(CachedFile.owner == owner, CachedFile.state == "copying")
    session.execute(reserved.values(claimed_until=func.now() + lease))


def publish(session: Session, copy_id: uuid.UUID, source_ctime_ns: int | None = None) -> bool:
    """Mark a complete copy as ready. Return False if it was given up meanwhile, or if its file has changed.

    May be repeated, as an interrupted commit may have succeeded. `source_ctime_ns` is the ctime of the file
    before it was copied.
    """
    same = (
        select(MediaFile.id)
        .outerjoin(Rendition, CURRENT_RENDITION)
        .where(MediaFile.id == CachedFile.media_file_id, CURRENT_COPY)
        .correlate(CachedFile)
        .exists()
    )
    complete = CachedFile.state.in_(["copying", "ready"])
    ready = update(CachedFile).where(CachedFile.id == copy_id, complete, same)
    done = session.execute(
        ready.values(state="ready", ready_at=func.now(), used_at=func.now(), source_ctime_ns=source_ctime_ns)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def record_use(session: Session, content_id: uuid.UUID, bytes_sent: int, *, first: bool) -> None:
    """Record bytes of a title that were sent from its copy; `first`: the first ones of a session."""
    file = select(Content.best_file_id).where(Content.id == content_id).scalar_subquery()
    session.execute(
        update(CachedFile)
        .where(CachedFile.media_file_id == file)
        .values(
            used_at=func.now(),
            bytes_sent=CachedFile.bytes_sent + bytes_sent,
            # A session that switches to the copy in the middle counts only as its first hit.
            hits=func.greatest(CachedFile.hits + int(first), 1),
        ),
        execution_options={"synchronize_session": False},
    )


def start_eviction(session: Session, copy_id: uuid.UUID) -> bool:
    """Stop playing from a copy. Return False if a viewer plays it: then it stays. May be repeated."""
    leaving = update(CachedFile).where(CachedFile.id == copy_id, CachedFile.state != "copying", ~IN_USE)
    return bool(session.execute(leaving.values(state="leaving")).rowcount)  # type: ignore[attr-defined]


def remove(session: Session, copy_ids: Collection[uuid.UUID]) -> None:
    """Delete the rows of deleted copies, which frees their room."""
    session.execute(delete(CachedFile).where(CachedFile.id.in_(copy_ids)))

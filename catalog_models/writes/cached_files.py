"""Writes `cached_files`: room is reserved first, a copy is ready last. Time is the database's clock alone."""

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

_ONE_AT_A_TIME = 7_365_118_011  # the advisory lock under which room is counted and given


def reserve(
    session: Session,
    file_id: uuid.UUID,
    claim: Claim,
    reason: Mapping[str, Any],
    budget: int,
) -> Reservation | None:
    """Room for a copy of a file as it is now. None: there is a copy, somebody makes one, or `budget` (bytes of all
    copies, made or in the making) would be exceeded; or nobody knows at this moment what plays for the file. The same claim may
    be made again: nobody knows whether a commit that broke off was one."""
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
    taken = select(func.coalesce(func.sum(CachedFile.size), 0)).scalar_subquery()
    values = (literal(claim.id), MediaFile.id, PLAYED_SIZE, PLAYED_MTIME_NS, *_literal(claim, reason))
    file = (
        select(*values)
        .outerjoin(Rendition, CURRENT_RENDITION)
        .where(MediaFile.id == file_id, MediaFile.missing_since.is_(None), PLAYABLE)
        .where(taken + PLAYED_SIZE <= budget)
    )
    columns = ["id", "media_file_id", "size", "mtime_ns", "owner", "claimed_until", "reason"]
    made = insert(CachedFile).from_select(columns, file).on_conflict_do_nothing()
    session.execute(made)
    what = (CachedFile.id, CachedFile.media_file_id, CachedFile.size, CachedFile.mtime_ns)
    mine = select(*what).where(CachedFile.id == claim.id, CachedFile.state == "copying")
    row = session.execute(mine).one_or_none()
    return Reservation(*row) if row else None


def _literal(claim: Claim, reason: Mapping[str, Any]) -> tuple[ColumnElement[Any], ...]:
    return literal(claim.owner), func.now() + claim.lease, literal(dict(reason), CachedFile.reason.type)


def renew(session: Session, owner: str, lease: dt.timedelta) -> None:
    """The owner lives, and copies on."""
    mine = update(CachedFile).where(CachedFile.owner == owner, CachedFile.state == "copying")
    session.execute(mine.values(claimed_until=func.now() + lease))


def publish(session: Session, copy_id: uuid.UUID, source_ctime_ns: int | None = None) -> bool:
    """Mark a complete copy as ready to play. Returns False if it was given up meanwhile, or its file has
    changed.

    May be repeated: a commit that was interrupted may have succeeded. `source_ctime_ns`: the ctime of the
    file before it was copied.
    """
    same = (
        select(MediaFile.id)
        .outerjoin(Rendition, CURRENT_RENDITION)
        .where(MediaFile.id == CachedFile.media_file_id, CURRENT_COPY)
        .correlate(CachedFile)
        .exists()
    )
    whole = CachedFile.state.in_(["copying", "ready"])
    ready = update(CachedFile).where(CachedFile.id == copy_id, whole, same)
    done = session.execute(
        ready.values(state="ready", ready_at=func.now(), used_at=func.now(), source_ctime_ns=source_ctime_ns)
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def record_use(session: Session, content_id: uuid.UUID, bytes_sent: int, *, first: bool) -> None:
    """So many bytes of a title were sent from its copy; `first`: of this session."""
    file = select(Content.best_file_id).where(Content.id == content_id).scalar_subquery()
    session.execute(
        update(CachedFile)
        .where(CachedFile.media_file_id == file)
        .values(
            used_at=func.now(),
            bytes_sent=CachedFile.bytes_sent + bytes_sent,
            # Sessions that went over to a copy in their middle are its first hit, and no more.
            hits=func.greatest(CachedFile.hits + int(first), 1),
        ),
        execution_options={"synchronize_session": False},
    )


def start_eviction(session: Session, copy_id: uuid.UUID) -> bool:
    """Nobody is sent there any more. False: somebody plays it, so it stays. It may be said again."""
    leaving = update(CachedFile).where(CachedFile.id == copy_id, CachedFile.state != "copying", ~IN_USE)
    return bool(session.execute(leaving.values(state="leaving")).rowcount)  # type: ignore[attr-defined]


def remove(session: Session, copy_ids: Collection[uuid.UUID]) -> None:
    """They are gone, and their room is free."""
    session.execute(delete(CachedFile).where(CachedFile.id.in_(copy_ids)))

"""Writes `renditions`: a row is claimed first, and the complete file is published last.

All times are the database's, so that clocks of processes do not matter.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection

from sqlalchemy import delete, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog_models.tables import MediaFile, Rendition
from catalog_models.values import Claim


def claim(session: Session, file_id: uuid.UUID, what: tuple[str, str, int], claim: Claim) -> uuid.UUID | None:
    """Claim the making of a rendition of a file: `what` is its kind, its container, and its estimated bytes.

    Return None if the file has a rendition or one in the making, or if it is missing. A failed rendition and
    one of old content are replaced; a deinterlaced one also replaces a rendition that copied the picture. May
    be repeated with the same claim.
    """
    outdated = exists().where(
        MediaFile.id == Rendition.media_file_id, MediaFile.fingerprint != Rendition.source
    )
    kind, container, size = what
    copied = literal(kind == "deinterlace") & (Rendition.kind != "deinterlace")
    replaced = (Rendition.state == "failed") | ((Rendition.state == "ready") & (outdated | copied))
    session.execute(
        delete(Rendition).where(Rendition.media_file_id == file_id, replaced),
        execution_options={"synchronize_session": False},
    )
    columns = {
        "id": literal(claim.id),
        "media_file_id": MediaFile.id,
        "source": MediaFile.fingerprint,
        "kind": literal(kind),
        "container": literal(container),
        "size": literal(size, Rendition.size.type),
        "owner": literal(claim.owner),
        "claimed_until": func.now() + claim.lease,
    }
    file = select(*columns.values()).where(
        MediaFile.id == file_id, MediaFile.missing_since.is_(None), MediaFile.fingerprint.is_not(None)
    )
    session.execute(insert(Rendition).from_select(list(columns), file).on_conflict_do_nothing())
    claimed = select(Rendition.id).where(Rendition.id == claim.id, Rendition.state == "making")
    return session.scalars(claimed).one_or_none()


def renew(session: Session, owner: str, lease: dt.timedelta) -> None:
    """Extend the claims of an owner that still works."""
    claimed = update(Rendition).where(Rendition.owner == owner, Rendition.state == "making")
    session.execute(claimed.values(claimed_until=func.now() + lease))


def publish(session: Session, rendition_id: uuid.UUID, size: int, mtime_ns: int) -> bool:
    """Mark a complete rendition as ready. Return False if it was given up, or if its file has changed.

    May be repeated, as an interrupted commit may have succeeded.
    """
    same = exists().where(MediaFile.id == Rendition.media_file_id, MediaFile.fingerprint == Rendition.source)
    ready = update(Rendition).where(Rendition.id == rendition_id, Rendition.state != "failed", same)
    done = session.execute(
        ready.values(state="ready", ready_at=func.now(), size=size, mtime_ns=mtime_ns),
        execution_options={"synchronize_session": False},
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def fail(session: Session, rendition_id: uuid.UUID, problem: str) -> None:
    """Record why a rendition could not be made. No run tries again until the file changes."""
    failed = update(Rendition).where(Rendition.id == rendition_id)
    session.execute(failed.values(state="failed", problem=problem))


def remove(session: Session, rendition_ids: Collection[uuid.UUID]) -> None:
    """Delete the rows of deleted renditions."""
    session.execute(delete(Rendition).where(Rendition.id.in_(rendition_ids)))

"""Writes `renditions`: a row is claimed first, what it names is published last. Time is the database's clock alone."""

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
    """A rendition of this file, of a kind, in a container, of so many bytes by estimate, is being made. None: there is one
    that stands, a process makes one, or the file is gone. What failed, or stands no more, makes room; so does, for a
    deinterlaced one, a rendition that copied the picture. The same claim may be made again."""
    past = exists().where(MediaFile.id == Rendition.media_file_id, MediaFile.fingerprint != Rendition.source)
    kind, container, size = what
    copied = literal(kind == "deinterlace") & (Rendition.kind != "deinterlace")
    over = (Rendition.state == "failed") | ((Rendition.state == "ready") & (past | copied))
    session.execute(
        delete(Rendition).where(Rendition.media_file_id == file_id, over),
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
    mine = select(Rendition.id).where(Rendition.id == claim.id, Rendition.state == "making")
    return session.scalars(mine).one_or_none()


def renew(session: Session, owner: str, lease: dt.timedelta) -> None:
    """The owner lives, and works on."""
    mine = update(Rendition).where(Rendition.owner == owner, Rendition.state == "making")
    session.execute(mine.values(claimed_until=func.now() + lease))


def publish(session: Session, rendition_id: uuid.UUID, size: int, mtime_ns: int) -> bool:
    """It lies there whole: play it from now on. False: it was given up meanwhile, or its file is another one now. It may be
    said again: nobody knows whether a commit that broke off was one."""
    same = exists().where(MediaFile.id == Rendition.media_file_id, MediaFile.fingerprint == Rendition.source)
    ready = update(Rendition).where(Rendition.id == rendition_id, Rendition.state != "failed", same)
    done = session.execute(
        ready.values(state="ready", ready_at=func.now(), size=size, mtime_ns=mtime_ns),
        execution_options={"synchronize_session": False},
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def fail(session: Session, rendition_id: uuid.UUID, problem: str) -> None:
    """It could not be made; nobody tries again by himself while the file is the same."""
    failed = update(Rendition).where(Rendition.id == rendition_id)
    session.execute(failed.values(state="failed", problem=problem))


def remove(session: Session, rendition_ids: Collection[uuid.UUID]) -> None:
    """They are gone."""
    session.execute(delete(Rendition).where(Rendition.id.in_(rendition_ids)))

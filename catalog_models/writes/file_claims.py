"""Writes the claims of `media_files`: which process works on a file, until when, and which stage is done."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, load_only

from catalog_models.reads.due_files import ClaimOptions, claimable, due, one_of
from catalog_models.reads.likely_best_files import PINNED_TO, likely_best_files
from catalog_models.scope import Scope
from catalog_models.tables import MediaFile, Root
from catalog_models.values import ClaimedFile, Stage
from catalog_models.writes.file_updates import UNCLAIMED, update_files, update_where

Columns = Sequence[InstrumentedAttribute[Any]]


def lock_due(
    session: Session,
    stage: Stage,
    scope: Scope | None,
    limit: int,
    columns: Columns,
    among: Collection[uuid.UUID] | None = None,
) -> Sequence[MediaFile]:
    """Lock and return rows for a stage that needs only the database.

    Other processes skip them until the transaction ends. `among`: only these files. Only these `columns` are
    loaded: whole rows take most of a stage's time.
    """
    query = select(MediaFile).where(due(stage, scope), one_of(among)).order_by(MediaFile.path).limit(limit)
    wanted = load_only(*columns, raiseload=True)
    return session.scalars(query.with_for_update(skip_locked=True, of=MediaFile).options(wanted)).all()


def claim(
    session: Session, stage: Stage, scope: Scope | None, options: ClaimOptions, limit: int
) -> list[ClaimedFile]:
    """Claim files for a stage that opens them, and return them by path.

    Two processes never get the same file while its lease runs.
    """
    query = select(MediaFile.id).where(claimable(stage, scope, options)).order_by(MediaFile.path).limit(limit)
    picked = query.with_for_update(skip_locked=True, of=MediaFile).cte("picked")
    columns = (MediaFile.id, Root.path, MediaFile.path, MediaFile.size, MediaFile.mtime_ns)
    statement = (
        update(MediaFile)
        .where(MediaFile.id == picked.c.id, Root.id == MediaFile.root_id)
        .values(claimed_by=options.owner, claimed_until=func.now() + options.lease)
        .returning(*columns, MediaFile.title_at.is_not(None), MediaFile.content_key, PINNED_TO)
    )
    rows = session.execute(statement, execution_options={"synchronize_session": False}).all()
    best = likely_best_files(session, {row[-2] for row in rows}, {row[-1] for row in rows})
    files = (
        ClaimedFile(
            key,
            root + b"/" + path,
            size,
            mtime,
            titled and best.get(str(pinned or name), key) == key,
            root,
        )
        for key, root, path, size, mtime, titled, name, pinned in rows
    )
    return sorted(files, key=_path)


def _path(file: ClaimedFile) -> bytes:
    return file.path


def renew(session: Session, owner: str, lease: timedelta) -> None:
    """Extend all claims of a running process."""
    statement = update_where(MediaFile.claimed_by == owner)
    session.execute(statement.values(claimed_until=func.now() + lease))


def give_back(session: Session, file_ids: Collection[uuid.UUID]) -> None:
    """End the claims of these files without marking a stage as done."""
    session.execute(update_files(file_ids).values(**UNCLAIMED))


def release(session: Session, owners: Collection[str]) -> None:
    """End all claims of these processes."""
    session.execute(update_where(MediaFile.claimed_by.in_(owners)).values(**UNCLAIMED))


def finish(session: Session, stage: Stage, file_ids: Collection[uuid.UUID]) -> None:
    """Mark a stage as done for these files, and end their claims."""
    session.execute(update_files(file_ids).values({f"{stage}_at": func.now(), **UNCLAIMED}))

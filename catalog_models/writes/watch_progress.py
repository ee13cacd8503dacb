"""Writes `watch_progress`."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import Uuid, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog_models.tables import WatchPosition, WatchProgress

# The share of the duration after which a title counts as watched: the rest is credits.
COMPLETED = 0.9
_COLUMNS = ("progress_seconds", "completed", "updated_at")


def store(
    session: Session, user_id: uuid.UUID, content_id: uuid.UUID, seconds: float, duration: float | None
) -> WatchPosition:
    """Store how far a user has watched a title, at most its duration (seconds; None: unknown)."""
    if duration is not None:
        seconds = min(seconds, duration)
    completed = duration is not None and seconds >= COMPLETED * duration
    progress = {"progress_seconds": seconds, "completed": completed}
    session.execute(
        insert(WatchProgress)
        .values(user_id=user_id, content_id=content_id, **progress)
        .on_conflict_do_update(
            index_elements=["user_id", "content_id"], set_={**progress, "updated_at": func.now()}
        )
    )
    return WatchPosition(seconds, completed)


def move(session: Session, content_ids: Collection[uuid.UUID], to: uuid.UUID) -> list[uuid.UUID]:
    """Move the progress in these titles to another title. The newest progress of each user counts.

    Return the users whose progress in the other title has changed.
    """
    progress = [getattr(WatchProgress, name) for name in _COLUMNS]
    newest = (
        select(WatchProgress.user_id, literal(to, Uuid), *progress)
        .where(WatchProgress.content_id.in_(content_ids))
        .distinct(WatchProgress.user_id)
        .order_by(WatchProgress.user_id, WatchProgress.updated_at.desc())
    )
    statement = insert(WatchProgress).from_select(["user_id", "content_id", *_COLUMNS], newest)
    moved = session.scalars(
        statement.on_conflict_do_update(
            index_elements=["user_id", "content_id"],
            set_={name: statement.excluded[name] for name in _COLUMNS},
            where=statement.excluded.updated_at > WatchProgress.updated_at,
        ).returning(WatchProgress.user_id)
    ).all()
    old = delete(WatchProgress).where(WatchProgress.content_id.in_(content_ids))
    session.execute(old, execution_options={"synchronize_session": False})
    return list(moved)

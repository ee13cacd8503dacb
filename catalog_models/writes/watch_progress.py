"""Writes `watch_progress`."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import Uuid, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog_models.tables import WatchPosition, WatchProgress

COMPLETED = 0.9  # the share of a title's duration from which on it counts as seen: the rest is credits
_CAME = ("progress_seconds", "completed", "updated_at")


def store(
    session: Session, user_id: uuid.UUID, content_id: uuid.UUID, seconds: float, duration: float | None
) -> WatchPosition:
    """Where somebody is in a title of this duration (seconds; None: unknown). What lies behind its end is its end."""
    if duration is not None:
        seconds = min(seconds, duration)
    completed = duration is not None and seconds >= COMPLETED * duration
    came = {"progress_seconds": seconds, "completed": completed}
    session.execute(
        insert(WatchProgress)
        .values(user_id=user_id, content_id=content_id, **came)
        .on_conflict_do_update(
            index_elements=["user_id", "content_id"], set_={**came, "updated_at": func.now()}
        )
    )
    return WatchPosition(seconds, completed)


def move(session: Session, content_ids: Collection[uuid.UUID], to: uuid.UUID) -> list[uuid.UUID]:
    """What people saw of these titles they saw of another: of each person the newest counts. Answers whose progress in
    that one is another now."""
    came = [getattr(WatchProgress, name) for name in _CAME]
    newest = (
        select(WatchProgress.user_id, literal(to, Uuid), *came)
        .where(WatchProgress.content_id.in_(content_ids))
        .distinct(WatchProgress.user_id)
        .order_by(WatchProgress.user_id, WatchProgress.updated_at.desc())
    )
    statement = insert(WatchProgress).from_select(["user_id", "content_id", *_CAME], newest)
    moved = session.scalars(
        statement.on_conflict_do_update(
            index_elements=["user_id", "content_id"],
            set_={name: statement.excluded[name] for name in _CAME},
            where=statement.excluded.updated_at > WatchProgress.updated_at,
        ).returning(WatchProgress.user_id)
    ).all()
    gone = delete(WatchProgress).where(WatchProgress.content_id.in_(content_ids))
    session.execute(gone, execution_options={"synchronize_session": False})
    return list(moved)

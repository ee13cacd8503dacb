"""Writes `watch_progress`."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import Uuid, delete, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog_models.watching import WatchProgress

_CAME = ("progress_seconds", "completed", "updated_at")


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

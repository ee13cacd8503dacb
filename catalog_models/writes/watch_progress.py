"""Writes `watch_progress`."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from sqlalchemy import Uuid, and_, case, delete, func, literal, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog_models.tables import WatchPosition, WatchProgress

# The share of the duration after which a title counts as watched: the rest is credits.
COMPLETED = 0.9
_COLUMNS = ("progress_seconds", "completed", "dismissed_at", "updated_at")


def store(
    session: Session, user_id: uuid.UUID, content_id: uuid.UUID, seconds: float, duration: float | None
) -> WatchPosition:
    """Store how far a user has watched a title, at most its duration (seconds; None: unknown).

    A watched title stays watched. A title that was removed from "continue watching", or marked as watched,
    becomes one that is being watched again, unless the position is the same: paused players send it again.
    """
    if duration is not None:
        seconds = min(seconds, duration)
    completed = duration is not None and seconds >= COMPLETED * duration
    same = WatchProgress.progress_seconds == seconds
    changed: dict[str, Any] = {
        "progress_seconds": seconds,
        "completed": or_(literal(completed), and_(same, WatchProgress.completed)),
        "dismissed_at": case((same, WatchProgress.dismissed_at), else_=null()),
        "updated_at": func.now(),
    }
    if completed:
        # Players send further positions of a completed title until its end.
        first = or_(WatchProgress.watched_at.is_(None), ~WatchProgress.completed)
        changed["watched_at"] = case((first, func.now()), else_=WatchProgress.watched_at)
    row = {
        "progress_seconds": seconds,
        "completed": completed,
        "watched_at": func.now() if completed else None,
    }
    stored = session.scalars(
        insert(WatchProgress)
        .values(user_id=user_id, content_id=content_id, **row)
        .on_conflict_do_update(index_elements=["user_id", "content_id"], set_=changed)
        .returning(WatchProgress.completed)
    )
    return WatchPosition(seconds, stored.one())


def mark_watched(session: Session, user_id: uuid.UUID, content_id: uuid.UUID) -> None:
    """Mark a title as watched. Its position stays, so that `mark_unwatched` can bring it back."""
    marked = {"completed": True, "watched_at": func.now()}
    session.execute(
        insert(WatchProgress)
        .values(user_id=user_id, content_id=content_id, **marked)
        .on_conflict_do_update(
            index_elements=["user_id", "content_id"],
            set_=marked,
            # A repeated request keeps the time of the first one.
            where=or_(~WatchProgress.completed, WatchProgress.watched_at.is_(None)),
        )
    )


def mark_unwatched(
    session: Session, user_id: uuid.UUID, content_id: uuid.UUID, duration: float | None
) -> None:
    """Mark a title as not watched. A position in its last tenth becomes 0; others stay. May be repeated."""
    seconds: Any = WatchProgress.progress_seconds
    if duration is not None:
        seconds = case((seconds >= COMPLETED * duration, 0.0), else_=seconds)
    _change(session, user_id, content_id, progress_seconds=seconds, completed=False, watched_at=None)


def set_dismissed(session: Session, user_id: uuid.UUID, content_id: uuid.UUID, *, dismissed: bool) -> None:
    """Remove a title from "continue watching", or put it back. Its position stays. May be repeated."""
    _change(session, user_id, content_id, dismissed_at=func.now() if dismissed else None)


def _change(session: Session, user_id: uuid.UUID, content_id: uuid.UUID, **columns: Any) -> None:
    """Set columns of a row, if it exists. `updated_at` stays: the user did not play the title."""
    session.execute(
        update(WatchProgress)
        .where(WatchProgress.user_id == user_id, WatchProgress.content_id == content_id)
        .values(**columns, updated_at=WatchProgress.updated_at),
        execution_options={"synchronize_session": False},
    )


def reset(session: Session, user_id: uuid.UUID, content_id: uuid.UUID) -> None:
    """Delete the position of a user in a title, and whether it was watched. May be repeated."""
    row = (WatchProgress.user_id == user_id, WatchProgress.content_id == content_id)
    session.execute(delete(WatchProgress).where(*row))


def move(session: Session, content_ids: Collection[uuid.UUID], to: uuid.UUID) -> list[uuid.UUID]:
    """Move the progress in these titles to another title. The newest progress of each user counts.

    A user who watched one of the titles has watched the other title. Return the users whose progress in the
    other title has changed.
    """
    progress = [getattr(WatchProgress, name) for name in _COLUMNS]
    watched_at = func.max(WatchProgress.watched_at).over(partition_by=WatchProgress.user_id)
    newest = (
        select(WatchProgress.user_id, literal(to, Uuid), *progress, watched_at)
        .where(WatchProgress.content_id.in_(content_ids))
        .distinct(WatchProgress.user_id)
        .order_by(WatchProgress.user_id, WatchProgress.updated_at.desc())
    )
    columns = ["user_id", "content_id", *_COLUMNS, "watched_at"]
    statement = insert(WatchProgress).from_select(columns, newest)
    newer = statement.excluded
    is_newer = newer.updated_at > WatchProgress.updated_at
    moved = session.scalars(
        statement.on_conflict_do_update(
            index_elements=["user_id", "content_id"],
            set_={
                **{
                    name: case((is_newer, newer[name]), else_=getattr(WatchProgress, name))
                    for name in _COLUMNS
                },
                "watched_at": func.greatest(newer.watched_at, WatchProgress.watched_at),
            },
            where=or_(
                is_newer,
                newer.watched_at > WatchProgress.watched_at,
                and_(newer.watched_at.is_not(None), WatchProgress.watched_at.is_(None)),
            ),
        ).returning(WatchProgress.user_id)
    ).all()
    old = delete(WatchProgress).where(WatchProgress.content_id.in_(content_ids))
    session.execute(old, execution_options={"synchronize_session": False})
    return list(moved)

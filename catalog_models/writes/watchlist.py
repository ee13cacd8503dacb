"""Writes `watchlist`."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import Uuid, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog_models.tables import WatchlistEntry


def add(session: Session, user_id: uuid.UUID, content_id: uuid.UUID) -> None:
    """Add a title to the list of a user. A title that is already there keeps its place."""
    entry = insert(WatchlistEntry).values(user_id=user_id, content_id=content_id)
    session.execute(entry.on_conflict_do_nothing())


def remove(session: Session, user_id: uuid.UUID, content_id: uuid.UUID) -> None:
    """Remove a title from the list of a user. May be repeated."""
    entry = (WatchlistEntry.user_id == user_id, WatchlistEntry.content_id == content_id)
    session.execute(delete(WatchlistEntry).where(*entry))


def move(session: Session, content_ids: Collection[uuid.UUID], to: uuid.UUID) -> None:
    """Replace these titles with another title in all lists. It takes the newest of their places."""
    there = WatchlistEntry.content_id.in_(content_ids)
    added = func.max(WatchlistEntry.added_at)
    moved = select(WatchlistEntry.user_id, literal(to, Uuid), added).where(there)
    session.execute(
        insert(WatchlistEntry)
        .from_select(["user_id", "content_id", "added_at"], moved.group_by(WatchlistEntry.user_id))
        .on_conflict_do_nothing()
    )
    session.execute(delete(WatchlistEntry).where(there), execution_options={"synchronize_session": False})

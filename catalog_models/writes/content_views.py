"""Writes `content_views`."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection

from sqlalchemy import and_, case, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from catalog_models.reads.renditions import CURRENT_RENDITION, PLAYED_SIZE
from catalog_models.tables import Content, ContentView, EndedPlayback, MediaFile, PlaybackSession, Rendition

# A view counts after this time with a slot, or after this share of the bytes, for which short clips need less
# time.
_COUNTED_AFTER = dt.timedelta(seconds=30)
_COUNTED_SHARE = 0.1


# An expired session was not seen for a lease, and did not play during it.
_PLAYED_UNTIL = func.coalesce(
    case((PlaybackSession.end_reason == "expired", PlaybackSession.seen_at), else_=PlaybackSession.ended_at),
    func.now(),
)


def count(session: Session, playback_id: uuid.UUID) -> bool:
    """Count the view of a session if it has played long enough. Return whether the view was counted now."""
    due = (
        select(PlaybackSession.content_id, PlaybackSession.user_id, PlaybackSession.id)
        .join(Content, Content.id == PlaybackSession.content_id)
        .outerjoin(MediaFile, MediaFile.id == Content.best_file_id)
        .outerjoin(Rendition, CURRENT_RENDITION)
        .where(
            PlaybackSession.id == playback_id,
            or_(
                PlaybackSession.started_at <= _PLAYED_UNTIL - _COUNTED_AFTER,
                and_(
                    PlaybackSession.bytes_sent > 0, PlaybackSession.bytes_sent >= PLAYED_SIZE * _COUNTED_SHARE
                ),
            ),
        )
    )
    counted = session.execute(
        insert(ContentView)
        .from_select(["content_id", "user_id", "playback_session_id"], due)
        .on_conflict_do_nothing(index_elements=["playback_session_id"])
        .returning(ContentView.id)
    )
    return counted.first() is not None


def count_ended(session: Session, ended: Collection[EndedPlayback]) -> list[uuid.UUID]:
    """Count the due views of sessions that have just ended. Return the titles whose view was counted."""
    return [each.content_id for each in ended if each.played and count(session, each.id)]


def move(session: Session, content_ids: Collection[uuid.UUID], to: uuid.UUID) -> None:
    """Move the views of these titles to another title."""
    session.execute(
        update(ContentView).where(ContentView.content_id.in_(content_ids)).values(content_id=to),
        execution_options={"synchronize_session": False},
    )


def forget(session: Session, user_id: uuid.UUID, content_id: uuid.UUID | None = None) -> None:
    """Remove a title, or all titles (None), from the history of a user. The views still count."""
    own = [ContentView.user_id == user_id]
    if content_id is not None:
        own.append(ContentView.content_id == content_id)
    session.execute(
        update(ContentView).where(*own).values(user_id=None),
        execution_options={"synchronize_session": False},
    )

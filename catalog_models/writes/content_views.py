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

PLAYED = dt.timedelta(seconds=30)  # with a slot, or
SENT = 0.1  # of the bytes of what plays: what short clips need no 30 s for


# Who was not seen for a lease's time did not play then.
_PLAYED_UNTIL = func.coalesce(
    case((PlaybackSession.end_reason == "expired", PlaybackSession.seen_at), else_=PlaybackSession.ended_at),
    func.now(),
)


def count(session: Session, playback_id: uuid.UUID) -> bool:
    """Count a view of what a session plays, once it has played long enough; answers whether one was counted now."""
    due = (
        select(PlaybackSession.content_id, PlaybackSession.user_id, PlaybackSession.id)
        .join(Content, Content.id == PlaybackSession.content_id)
        .outerjoin(MediaFile, MediaFile.id == Content.best_file_id)
        .outerjoin(Rendition, CURRENT_RENDITION)
        .where(
            PlaybackSession.id == playback_id,
            or_(
                PlaybackSession.started_at <= _PLAYED_UNTIL - PLAYED,
                and_(PlaybackSession.bytes_sent > 0, PlaybackSession.bytes_sent >= PLAYED_SIZE * SENT),
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
    """Count what is due of sessions that were ended just now; the titles of which a view was counted."""
    return [each.content_id for each in ended if each.played and count(session, each.id)]


def move(session: Session, content_ids: Collection[uuid.UUID], to: uuid.UUID) -> None:
    """Views of these titles were views of another."""
    session.execute(
        update(ContentView).where(ContentView.content_id.in_(content_ids)).values(content_id=to),
        execution_options={"synchronize_session": False},
    )

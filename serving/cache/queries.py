"""Queries of playback sessions."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, case, not_, select
from sqlalchemy.orm import Session

from catalog_models.reads.playback_sessions import ALLOWED, OPEN_OR_RESUMABLE
from catalog_models.tables import Content, PlaybackSession
from serving.cache.slot_policy import OpenSession


@dataclass(frozen=True, slots=True)
class KnownSession:
    """A session of a viewer.

    `over` is why it ended, or None; `allowed` is whether the viewer may still watch.
    """

    id: uuid.UUID
    content_id: uuid.UUID
    open: bool
    playing: bool
    over: str | None
    allowed: bool


_KNOWN = select(
    PlaybackSession.id,
    PlaybackSession.content_id,
    PlaybackSession.ended_at.is_(None),
    and_(PlaybackSession.ended_at.is_(None), PlaybackSession.started_at.is_not(None)),
    case((not_(OPEN_OR_RESUMABLE), PlaybackSession.end_reason)),
    ALLOWED,
)


def open_sessions(session: Session) -> list[OpenSession]:
    """Return all open sessions."""
    rows = session.execute(
        select(
            PlaybackSession.id,
            PlaybackSession.ticket,
            PlaybackSession.user_id,
            PlaybackSession.started_at.is_not(None),
        ).where(PlaybackSession.ended_at.is_(None))
    )
    return [OpenSession(*row) for row in rows]


def find(session: Session, playback_id: uuid.UUID, user_id: uuid.UUID) -> KnownSession | None:
    """Return a session of this viewer, or None."""
    row = session.execute(
        _KNOWN.where(PlaybackSession.id == playback_id, PlaybackSession.user_id == user_id)
    ).one_or_none()
    return KnownSession(*row) if row else None


def find_joinable(
    session: Session, user_id: uuid.UUID, content_id: uuid.UUID, login_session_id: uuid.UUID
) -> KnownSession | None:
    """Return the latest session of a viewer, title and sign-in that can be joined, or None."""
    row = session.execute(
        _KNOWN.where(
            OPEN_OR_RESUMABLE,
            PlaybackSession.user_id == user_id,
            PlaybackSession.content_id == content_id,
            PlaybackSession.login_session_id == login_session_id,
        )
        .order_by(
            PlaybackSession.ended_at.desc().nulls_first(),
            PlaybackSession.started_at.is_(None),
            PlaybackSession.ticket.desc(),
        )
        .limit(1)
    ).one_or_none()
    return KnownSession(*row) if row else None


def describe(session: Session, ids: Collection[uuid.UUID]) -> list[dict[str, str | None]]:
    """Return a description of sessions for the viewer to choose from, the oldest first."""
    rows = session.execute(
        select(
            PlaybackSession.id,
            PlaybackSession.content_id,
            Content.title,
            PlaybackSession.device,
            PlaybackSession.started_at,
        )
        .join(Content, Content.id == PlaybackSession.content_id)
        .where(PlaybackSession.id.in_(ids))
        .order_by(PlaybackSession.ticket)
    )
    return [
        {
            "playback_id": str(key),
            "content_id": str(content_id),
            "title": title,
            "device": device,
            "started_at": started_at.isoformat() if started_at else None,
        }
        for key, content_id, title, device, started_at in rows
    ]

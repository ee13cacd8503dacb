"""Conditions on playback sessions: which may continue, and which belong to a user who may still watch."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, and_, exists, func, or_

from catalog_models.tables import LoginSession, PlaybackSession, User

_RESUMABLE_FOR = dt.timedelta(hours=12)

OPEN_OR_RESUMABLE: ColumnElement[bool] = or_(
    PlaybackSession.ended_at.is_(None),
    and_(
        PlaybackSession.end_reason.in_(("expired", "left")),
        PlaybackSession.ended_at > func.now() - _RESUMABLE_FOR,
    ),
)
"""The session is open, or may be opened again: it only expired or left the queue."""

ALLOWED: ColumnElement[bool] = and_(
    exists().where(User.id == PlaybackSession.user_id, User.is_active),
    exists().where(LoginSession.id == PlaybackSession.login_session_id, LoginSession.ended_at.is_(None)),
)
"""The account is active, and the sign-in session has not ended."""

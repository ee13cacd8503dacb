"""What the rows of `playback_sessions` say: which are over for good, and whose person may still watch."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, and_, exists, func, or_

from catalog_models.tables import LoginSession, PlaybackSession, User

_RETURN_WITHIN = dt.timedelta(hours=12)

OPEN_OR_RESUMABLE: ColumnElement[bool] = or_(
    PlaybackSession.ended_at.is_(None),
    and_(
        PlaybackSession.end_reason.in_(("expired", "left")),
        PlaybackSession.ended_at > func.now() - _RETURN_WITHIN,
    ),
)
"""The session is open, or may be opened again: nobody ended it, it was only not seen for a while."""

ALLOWED: ColumnElement[bool] = and_(
    exists().where(User.id == PlaybackSession.user_id, User.is_active),
    exists().where(LoginSession.id == PlaybackSession.login_session_id, LoginSession.ended_at.is_(None)),
)
"""The account is active, the sign-in was not ended."""

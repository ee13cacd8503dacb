"""Writes `login_sessions`: sign-in sessions and the rotation of their refresh tokens."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.orm import Session

from catalog_models.tables import LoginSession, Rotation, ShownToken, User

GRACE = dt.timedelta(seconds=30)
"""How long an exchanged refresh token still returns the one that it was exchanged for."""


def start(
    session: Session, user_id: uuid.UUID, device: str, address: str, lifetime: dt.timedelta
) -> tuple[uuid.UUID, uuid.UUID]:
    """Create a sign-in session. Return its id and the id of its first refresh token."""
    row = LoginSession(
        user_id=user_id,
        refresh_id=uuid.uuid4(),
        device=device,
        address=address,
        expires_at=func.now() + lifetime,
    )
    session.add(row)
    session.flush()
    return row.id, row.refresh_id


def rotate(session: Session, shown: ShownToken, lifetime: dt.timedelta) -> Rotation | None:
    """Exchange the current refresh token for the next one.

    A token that was exchanged less than `GRACE` ago returns the current one again and changes nothing: two
    tabs showed it at once, or the response to the first exchange was lost. Return None for every other token,
    and if the sign-in session has ended or its user may not sign in.

    The first statement compares and sets, and waits for a concurrent exchange of the same row. The second
    sees what that one committed. All times are the database's, so the processes' clocks do not matter.
    """
    rotated = (
        update(LoginSession)
        .where(*_open(shown), LoginSession.refresh_id == shown.refresh_id)
        .values(
            refresh_id=uuid.uuid4(),
            previous_refresh_id=LoginSession.refresh_id,
            rotated_at=func.clock_timestamp(),
            used_at=func.now(),
            expires_at=func.now() + lifetime,
        )
        .returning(LoginSession.refresh_id, LoginSession.expires_at)
    )
    row = session.execute(rotated, execution_options={"synchronize_session": False}).one_or_none()
    if row is not None:
        return Rotation(row.refresh_id, row.expires_at, repeated=False)
    current = select(LoginSession.refresh_id, LoginSession.expires_at).where(
        *_open(shown),
        LoginSession.previous_refresh_id == shown.refresh_id,
        LoginSession.rotated_at > func.clock_timestamp() - GRACE,
    )
    row = session.execute(current).one_or_none()
    return None if row is None else Rotation(row.refresh_id, row.expires_at, repeated=True)


def _open(shown: ShownToken) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that the sign-in session of this token is still valid."""
    may_sign_in = exists().where(
        User.id == LoginSession.user_id, User.is_active, User.approved_at.is_not(None)
    )
    return (
        LoginSession.id == shown.session_id,
        LoginSession.user_id == shown.user_id,
        LoginSession.ended_at.is_(None),
        LoginSession.expires_at > func.now(),
        may_sign_in,
    )


def end(
    session: Session, user_id: uuid.UUID, session_ids: list[uuid.UUID] | None, reason: str
) -> list[uuid.UUID]:
    """End these sign-in sessions of a user, or all (None). Return the ids of those that were open."""
    statement = update(LoginSession).where(LoginSession.user_id == user_id, LoginSession.ended_at.is_(None))
    if session_ids is not None:
        statement = statement.where(LoginSession.id.in_(session_ids))
    ended = statement.values(ended_at=func.now(), end_reason=reason).returning(LoginSession.id)
    return list(session.scalars(ended, execution_options={"synchronize_session": False}))


def end_others(session: Session, user_id: uuid.UUID, kept: uuid.UUID, reason: str) -> list[uuid.UUID]:
    """End all sign-in sessions of a user except one. Return the ids of those that were open."""
    others = select(LoginSession.id).where(
        LoginSession.user_id == user_id, LoginSession.id != kept, LoginSession.ended_at.is_(None)
    )
    return end(session, user_id, list(session.scalars(others)), reason)


def delete_old(session: Session, after: dt.timedelta) -> int:
    """Delete sign-in sessions that ended or expired longer ago than `after`. Return their number."""
    old = func.least(LoginSession.ended_at, LoginSession.expires_at) < func.now() - after
    return session.execute(delete(LoginSession).where(old)).rowcount  # type: ignore[attr-defined,no-any-return]

"""Writes `login_sessions`: sign-ins and the rotation of their refresh tokens."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from catalog_models.people import LoginSession


def start(
    session: Session, user_id: uuid.UUID, device: str, address: str, lifetime: dt.timedelta
) -> tuple[uuid.UUID, uuid.UUID]:
    """A new sign-in; answers its id and that of its first refresh token."""
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


def rotate(
    session: Session, session_id: uuid.UUID, refresh_id: uuid.UUID, lifetime: dt.timedelta
) -> uuid.UUID | None:
    """Exchange a refresh token for the next, whose id is answered; None where it is not the one that is good.

    Compared and set in one statement: of two that show the same token at once, one is answered None.
    """
    return session.scalar(
        update(LoginSession)
        .where(
            LoginSession.id == session_id,
            LoginSession.refresh_id == refresh_id,
            LoginSession.ended_at.is_(None),
            LoginSession.expires_at > func.now(),
        )
        .values(refresh_id=uuid.uuid4(), used_at=func.now(), expires_at=func.now() + lifetime)
        .returning(LoginSession.refresh_id),
        execution_options={"synchronize_session": False},
    )


def end(
    session: Session, user_id: uuid.UUID, session_ids: list[uuid.UUID] | None, reason: str
) -> list[uuid.UUID]:
    """End these sign-ins of a person, or all (None); answers those that were open."""
    statement = update(LoginSession).where(LoginSession.user_id == user_id, LoginSession.ended_at.is_(None))
    if session_ids is not None:
        statement = statement.where(LoginSession.id.in_(session_ids))
    ended = statement.values(ended_at=func.now(), end_reason=reason).returning(LoginSession.id)
    return list(session.scalars(ended, execution_options={"synchronize_session": False}))


def end_others(session: Session, user_id: uuid.UUID, kept: uuid.UUID, reason: str) -> list[uuid.UUID]:
    """End all sign-ins of a person but one; answers those that were open."""
    others = select(LoginSession.id).where(
        LoginSession.user_id == user_id, LoginSession.id != kept, LoginSession.ended_at.is_(None)
    )
    return end(session, user_id, list(session.scalars(others)), reason)


def forget(session: Session, after: dt.timedelta) -> int:
    """Delete sign-ins that ended, or ran out, longer ago than that; answers how many."""
    over = func.least(LoginSession.ended_at, LoginSession.expires_at) < func.now() - after
    return session.execute(delete(LoginSession).where(over)).rowcount  # type: ignore[attr-defined,no-any-return]

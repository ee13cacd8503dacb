"""Writes `playback_sessions`: leases of slots. All times are the database's (decision 12).

A session that has not ended keeps its slot or its place in the queue. `expire`, which precedes every
admission, ends the sessions that were not seen for a lease. So a late renewal finds its session ended, and
never its slot given to another one.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, DateTime, case, delete, exists, func, insert, null, select, text, update
from sqlalchemy.orm import Session

from catalog_models.reads.playback_sessions import ALLOWED, OPEN_OR_RESUMABLE
from catalog_models.tables import ContentView, EndedPlayback, PlaybackSession, RenewedPlayback

# The advisory lock of admissions by all processes.
_ADMISSION_LOCK = 7_365_118_003


def _now() -> ColumnElement[dt.datetime]:
    """Return the present time. `now()` is the start of the transaction, which may then wait for the lock."""
    return func.clock_timestamp(type_=DateTime(timezone=True))


# No session could be seen while the server was down.
_SEEN_AT = func.greatest(PlaybackSession.seen_at, func.pg_postmaster_start_time())


def lock(session: Session) -> None:
    """Lock admissions, and the ending of several sessions, until the transaction ends."""
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ADMISSION_LOCK})


def expire(session: Session, lease: dt.timedelta) -> list[EndedPlayback]:
    """End the sessions that were not seen for a lease. Take the `lock` first."""
    reason = case((PlaybackSession.started_at.is_(None), "left"), else_="expired")
    return _end(session, reason, PlaybackSession.ended_at.is_(None), _now() - lease > _SEEN_AT)


def create(
    session: Session,
    user_id: uuid.UUID,
    content_id: uuid.UUID,
    login_session_id: uuid.UUID,
    device: str,
    *,
    playing: bool,
) -> uuid.UUID:
    """Create a session, with a slot (`playing`) or at the end of the queue. Return its id."""
    started_at = _now() if playing else null()
    fields = {"user_id": user_id, "content_id": content_id, "login_session_id": login_session_id}
    row: uuid.UUID = session.execute(
        insert(PlaybackSession)
        .values(**fields, device=device, started_at=started_at, seen_at=_now())
        .returning(PlaybackSession.id)
    ).scalar_one()
    return row


def reopen(session: Session, playback_id: uuid.UUID, *, playing: bool) -> None:
    """Open a session again that has expired or left, with a slot (`playing`) or at the end of the queue."""
    values = {"ended_at": null(), "end_reason": null(), "ticket": text("default")}
    _set(session, playback_id, **values, started_at=_now() if playing else null(), seen_at=_now())


def start(session: Session, playback_id: uuid.UUID) -> None:
    """Give a waiting session a slot."""
    _set(session, playback_id, started_at=_now(), seen_at=_now())


def touch(session: Session, playback_id: uuid.UUID) -> None:
    """Record that an open session was seen."""
    _set(session, playback_id, seen_at=_now())


def renew(
    session: Session,
    playback_id: uuid.UUID,
    user_id: uuid.UUID,
    bytes_sent: int,
    version: str | None = None,
) -> RenewedPlayback | None:
    """Record that a session was seen, the bytes that were sent to it, and the first version of its file.

    Return None if the session is not open or no longer allowed. This takes one statement.
    """
    row = session.execute(
        update(PlaybackSession)
        .where(
            PlaybackSession.id == playback_id,
            PlaybackSession.user_id == user_id,
            PlaybackSession.ended_at.is_(None),
            ALLOWED,
        )
        .values(
            seen_at=_now(),
            bytes_sent=PlaybackSession.bytes_sent + bytes_sent,
            file_version=func.coalesce(PlaybackSession.file_version, version),
        )
        .returning(
            PlaybackSession.content_id,
            PlaybackSession.started_at.is_not(None),
            exists().where(ContentView.playback_session_id == PlaybackSession.id),
            PlaybackSession.bytes_sent,
            PlaybackSession.file_version,
        ),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    return RenewedPlayback(*row) if row else None


def add_late_bytes(
    session: Session, playback_id: uuid.UUID, user_id: uuid.UUID, bytes_sent: int
) -> tuple[EndedPlayback, int] | None:
    """Record bytes that are reported after their session has ended. The session does not count as seen.

    Return the session and its total of bytes; None if there is no such session.
    """
    session_of_user = (PlaybackSession.id == playback_id, PlaybackSession.user_id == user_id)
    row = session.execute(
        update(PlaybackSession)
        .where(*session_of_user)
        .values(bytes_sent=PlaybackSession.bytes_sent + bytes_sent)
        .returning(
            PlaybackSession.id,
            PlaybackSession.content_id,
            PlaybackSession.user_id,
            PlaybackSession.started_at.is_not(None),
            PlaybackSession.bytes_sent,
        ),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    return (EndedPlayback(*row[:4]), row[4]) if row else None


def end(session: Session, ids: Collection[uuid.UUID], reason: str) -> list[EndedPlayback]:
    """End these sessions if they are open or may be opened again. Return those that were open."""
    return _end(session, reason, PlaybackSession.id.in_(ids), OPEN_OR_RESUMABLE)


def end_all(session: Session, user_id: uuid.UUID, reason: str) -> list[EndedPlayback]:
    """End all sessions of a user that are open or may be opened again. Take the `lock` first."""
    return _end(session, reason, PlaybackSession.user_id == user_id, OPEN_OR_RESUMABLE)


def _end(session: Session, reason: Any, *which: ColumnElement[bool]) -> list[EndedPlayback]:
    """End sessions, and return those that were open."""
    before = (
        select(PlaybackSession.id, PlaybackSession.ended_at).where(*which).with_for_update().cte("before")
    )
    rows = session.execute(
        update(PlaybackSession)
        .where(PlaybackSession.id == before.c.id)
        .values(ended_at=func.coalesce(PlaybackSession.ended_at, _now()), end_reason=reason)
        .returning(
            PlaybackSession.id,
            PlaybackSession.content_id,
            PlaybackSession.user_id,
            PlaybackSession.started_at.is_not(None),
            before.c.ended_at.is_(None),
        ),
        execution_options={"synchronize_session": False},
    )
    return [EndedPlayback(*row) for *row, was_open in rows if was_open]


def _set(session: Session, playback_id: uuid.UUID, **values: Any) -> None:
    session.execute(
        update(PlaybackSession).where(PlaybackSession.id == playback_id).values(**values),
        execution_options={"synchronize_session": False},
    )


def delete_old(session: Session, after: dt.timedelta) -> int:
    """Delete sessions that ended longer ago than `after`. Return their number. Their counted views stay."""
    old = PlaybackSession.ended_at < func.now() - after
    return session.execute(delete(PlaybackSession).where(old)).rowcount  # type: ignore[attr-defined,no-any-return]

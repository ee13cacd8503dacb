"""Writes `playback_sessions`: leases of slots. Time is the database's clock alone (decision 12).

A session that has not ended holds what it has, its slot or its place in the queue. What was not seen for a lease's time is
ended by `expire`, which stands before every admission: so a renewal that comes late finds its session ended, never its
slot given away.
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

_ONE_AT_A_TIME = 7_365_118_003  # the advisory lock that admissions of all processes meet at


def _now() -> ColumnElement[dt.datetime]:
    """Not `now()`, the beginning of the transaction, which may have waited for the lock."""
    return func.clock_timestamp(type_=DateTime(timezone=True))


# Nobody could be seen while the server was down.
_SEEN_AT = func.greatest(PlaybackSession.seen_at, func.pg_postmaster_start_time())


def lock(session: Session) -> None:
    """Let one transaction after the other admit, and end several; until it ends."""
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})


def expire(session: Session, lease: dt.timedelta) -> list[EndedPlayback]:
    """End what was not seen for a lease's time. Take the `lock` first."""
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
    """A new session, with a slot or at the end of the queue."""
    started_at = _now() if playing else null()
    fields = {"user_id": user_id, "content_id": content_id, "login_session_id": login_session_id}
    row: uuid.UUID = session.execute(
        insert(PlaybackSession)
        .values(**fields, device=device, started_at=started_at, seen_at=_now())
        .returning(PlaybackSession.id)
    ).scalar_one()
    return row


def reopen(session: Session, playback_id: uuid.UUID, *, playing: bool) -> None:
    """A session that was only not seen is there again, with a slot or at the end of the queue."""
    values = {"ended_at": null(), "end_reason": null(), "ticket": text("default")}
    _set(session, playback_id, **values, started_at=_now() if playing else null(), seen_at=_now())


def start(session: Session, playback_id: uuid.UUID) -> None:
    """A session that waited gets a slot."""
    _set(session, playback_id, started_at=_now(), seen_at=_now())


def touch(session: Session, playback_id: uuid.UUID) -> None:
    """An open session gives a sign of life."""
    _set(session, playback_id, seen_at=_now())


def renew(
    session: Session,
    playback_id: uuid.UUID,
    user_id: uuid.UUID,
    bytes_sent: int,
    version: str | None = None,
) -> RenewedPlayback | None:
    """Record a sign of life, the bytes sent since the last one, and the version of the file if none is
    recorded.

    Returns None if the session is not open or no longer allowed. Takes one statement.
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
    """Bytes that were sent before a session ended, or lost its place otherwise, told after that: no sign of life. Answers
    whose they are, and the bytes in all."""
    theirs = (PlaybackSession.id == playback_id, PlaybackSession.user_id == user_id)
    row = session.execute(
        update(PlaybackSession)
        .where(*theirs)
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
    """End these, as far as they are open or may return."""
    return _end(session, reason, PlaybackSession.id.in_(ids), OPEN_OR_RESUMABLE)


def end_all(session: Session, user_id: uuid.UUID, reason: str) -> list[EndedPlayback]:
    """End all of a person that are open or may return. Take the `lock` first."""
    return _end(session, reason, PlaybackSession.user_id == user_id, OPEN_OR_RESUMABLE)


def _end(session: Session, reason: Any, *which: ColumnElement[bool]) -> list[EndedPlayback]:
    """Return the sessions that were open until now."""
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
    """Delete sessions that ended longer ago than that; answers how many. The views that were counted of them stay."""
    over = PlaybackSession.ended_at < func.now() - after
    return session.execute(delete(PlaybackSession).where(over)).rowcount  # type: ignore[attr-defined,no-any-return]

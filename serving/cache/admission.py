"""Admission of players: read open sessions, decide, and write the decision, under one lock.

The lock is held across all processes.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import asdict, dataclass, replace
from math import ceil

from sqlalchemy.orm import Session

from catalog_models.tables import EndedPlayback
from catalog_models.values import format_count
from catalog_models.writes import content_views, playback_sessions
from orchestration.events import ContentViewed, Event, StreamEnded, StreamStarted
from serving.cache import queries
from serving.cache.queries import KnownSession
from serving.cache.slot_policy import (
    Queued,
    QueueLimitReached,
    SlotApplicant,
    SlotGranted,
    SlotLimits,
    UserLimitReached,
    decide,
)
from serving.http.errors import ApiError
from serving.titles.playback_errors import (
    PlaybackEndedError,
    PlaybackNotFoundError,
    QueueFullError,
    StreamLimitError,
)


@dataclass(frozen=True, slots=True)
class SlotRules:
    """The limits of slots, and the duration of a lease without renewal."""

    limits: SlotLimits
    lease: dt.timedelta


@dataclass(frozen=True, slots=True)
class NewSession:
    """The fields of a new session."""

    content_id: uuid.UUID
    login_session_id: uuid.UUID
    device: str


@dataclass(frozen=True, slots=True)
class SlotRequest:
    """A request for a slot, for the session `playback_id` or for a new one.

    With `join`, any session of the title and sign-in that has not ended will do. `take_over` is a session of
    the same viewer that gives up its slot.
    """

    user_id: uuid.UUID
    new: NewSession | None = None
    playback_id: uuid.UUID | None = None
    join: bool = False
    take_over: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """The result: a session that holds a slot (position 0) or waits (from 1), and the events to publish."""

    playback_id: uuid.UUID
    content_id: uuid.UUID
    position: int
    events: tuple[Event, ...] = ()


def admit(session: Session, wanted: SlotRequest, rules: SlotRules) -> Placement:
    """Grant a slot, or a position in the queue.

    Raises `PlaybackNotFoundError` if `playback_id` or `take_over` is not a session of this viewer,
    `PlaybackEndedError`, `StreamLimitError` and `QueueFullError`.
    """
    playback_sessions.lock(session)
    ended = playback_sessions.expire(session, rules.lease)
    own, yielding = _own(session, wanted), _yielding_session(session, wanted)
    arrival = SlotApplicant(wanted.user_id, own.id if own and own.open else None, yielding)
    decision = decide(queries.open_sessions(session), arrival, rules.limits)
    if isinstance(decision, UserLimitReached | QueueLimitReached):
        raise _refusal(session, decision, rules)
    events: list[Event] = []
    if yielding is not None:
        taken = playback_sessions.end(session, [yielding], "taken_over")
        events += map(ContentViewed, content_views.count_ended(session, taken))
        ended += taken
    place = _hold(session, wanted, own, decision)
    events += map(ended_event, ended)
    if place.position == 0 and not (own and own.playing):
        events.append(StreamStarted(place.playback_id, place.content_id, wanted.user_id))
    return replace(place, events=tuple(events))


def ended_event(ended: EndedPlayback) -> StreamEnded:
    """Return the event of a session that ended."""
    return StreamEnded(ended.id, ended.content_id, ended.user_id)


def _own(session: Session, wanted: SlotRequest) -> KnownSession | None:
    """Return the existing session that the request is for, or None."""
    if wanted.playback_id is None:
        if wanted.new is None or not wanted.join:
            return None
        return queries.find_joinable(
            session, wanted.user_id, wanted.new.content_id, wanted.new.login_session_id
        )
    known = queries.find(session, wanted.playback_id, wanted.user_id)
    if known is None or (wanted.new and known.content_id != wanted.new.content_id):
        raise PlaybackNotFoundError
    if known.over:
        raise PlaybackEndedError(known.over)
    if not known.allowed:
        raise PlaybackEndedError("revoked")
    return known


def _yielding_session(session: Session, wanted: SlotRequest) -> uuid.UUID | None:
    """Return the session that gives up its slot, if it is still open."""
    if wanted.take_over is None or wanted.take_over == wanted.playback_id:
        return None
    known = queries.find(session, wanted.take_over, wanted.user_id)
    if known is None:
        raise PlaybackNotFoundError
    return known.id if known.open else None


def _hold(
    session: Session, wanted: SlotRequest, own: KnownSession | None, decision: SlotGranted | Queued
) -> Placement:
    """Write the decision, and return its result."""
    plays = isinstance(decision, SlotGranted)
    position = 0 if isinstance(decision, SlotGranted) else decision.position
    if own is None:
        assert wanted.new is not None  # noqa: S101 - a request without a session has the fields of a new one
        key = playback_sessions.create(session, wanted.user_id, **asdict(wanted.new), playing=plays)
        return Placement(key, wanted.new.content_id, position)
    if not own.open:
        playback_sessions.reopen(session, own.id, playing=plays)
    elif plays and not own.playing:
        playback_sessions.start(session, own.id)
    else:
        playback_sessions.touch(session, own.id)
    return Placement(own.id, own.content_id, position)


def _refusal(session: Session, decision: UserLimitReached | QueueLimitReached, rules: SlotRules) -> ApiError:
    """Return the error of a refusal.

    `Retry-After` is one lease, after which an expired session is released, or a third of it for the queue.
    """
    lease = rules.lease.total_seconds()
    if isinstance(decision, QueueLimitReached):
        return QueueFullError(headers={"retry-after": str(ceil(lease / 3))})
    playing = queries.describe(session, decision.others)
    return StreamLimitError(
        f"You are already playing {format_count(len(playing), 'title')}: end one of them, or take over its slot.",
        details={"playing": playing},
        headers={"retry-after": str(ceil(lease))},
    )

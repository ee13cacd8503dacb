"""The policy for slots: limits, the queue and take-overs. This module is pure.

A session is open until it is released or its expired lease is swept. All open sessions count, however old.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SlotLimits:
    """The most concurrent players, in total and per account, and the most sessions in the queue."""

    total: int
    per_user: int
    queue: int


@dataclass(frozen=True, slots=True)
class OpenSession:
    """An open session, which plays, or waits in the order of its ticket."""

    id: uuid.UUID
    ticket: int
    user_id: uuid.UUID
    playing: bool


@dataclass(frozen=True, slots=True)
class SlotApplicant:
    """A player that requests a slot.

    `own` is its session, if that is already open. `take_over` is the session that gives up its slot.
    """

    user_id: uuid.UUID
    own: uuid.UUID | None = None
    take_over: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class SlotGranted:
    """The player gets a slot."""


@dataclass(frozen=True, slots=True)
class Queued:
    """The player waits at this position in the queue, from 1."""

    position: int


@dataclass(frozen=True, slots=True)
class UserLimitReached:
    """The account already has as many other sessions as allowed."""

    others: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class QueueLimitReached:
    """No slot is free, and the queue is full."""


Decision = SlotGranted | Queued | UserLimitReached | QueueLimitReached


def decide(sessions: Iterable[OpenSession], applicant: SlotApplicant, limits: SlotLimits) -> Decision:
    """Return the decision on an applicant.

    Free slots go to the sessions that have waited longest, before new applicants. A waiting session counts
    towards the limit of its account like a playing one, so that one account cannot fill the queue.
    """
    known = {session.id: session for session in sessions}
    own = known.get(applicant.own) if applicant.own else None
    if own is not None and own.playing:
        return SlotGranted()
    yielding = known.pop(applicant.take_over, None) if applicant.take_over else None
    others = tuple(
        session.id
        for session in known.values()
        if session.user_id == applicant.user_id and session is not own and (session.playing or own is None)
    )
    if len(others) >= limits.per_user:
        return UserLimitReached(others)
    if yielding is not None and yielding.playing:
        # The slot passes from one session to the other, so no waiting player is passed over.
        return SlotGranted()
    return _in_line(tuple(known.values()), own, applicant.user_id, limits)


def _in_line(
    sessions: Sequence[OpenSession], own: OpenSession | None, user_id: uuid.UUID, limits: SlotLimits
) -> Decision:
    line: list[OpenSession | None] = [session for session in by_ticket(sessions) if not session.playing]
    waiting = len(line)
    if own is None:
        # None stands for the applicant.
        line.append(None)
    position = line.index(own) + 1
    playing = Counter(session.user_id for session in sessions if session.playing)
    if _is_served(line[:position], playing, user_id, limits):
        return SlotGranted()
    return QueueLimitReached() if own is None and waiting >= limits.queue else Queued(position)


def _is_served(
    line: Sequence[OpenSession | None], playing: Counter[uuid.UUID], user_id: uuid.UUID, limits: SlotLimits
) -> bool:
    """Return whether the last session of the line gets a slot if free slots are granted in order.

    A session whose account already plays as much as allowed is skipped, so that it does not delay others.
    """
    free = limits.total - playing.total()
    served = False
    for session in line:
        user = session.user_id if session else user_id
        served = free > 0 and playing[user] < limits.per_user
        if served:
            free -= 1
            playing[user] += 1
    return served


def by_ticket(sessions: Iterable[OpenSession]) -> list[OpenSession]:
    """Return sessions in the order of their applicant."""
    return sorted(sessions, key=lambda session: session.ticket)

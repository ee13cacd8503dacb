"""Decides who gets a slot: limits, the queue and take-overs. Pure.

An open session is one that was not released and whose lease was not swept. Each counts, however old it is.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SlotLimits:
    """The most players at a time, in all and of one person, and the most that may wait."""

    total: int
    per_user: int
    queue: int


@dataclass(frozen=True, slots=True)
class OpenSession:
    """An open session: it plays, or waits in the order of its ticket."""

    id: uuid.UUID
    ticket: int
    user_id: uuid.UUID
    playing: bool


@dataclass(frozen=True, slots=True)
class SlotApplicant:
    """A player asks for a slot.

    `own`: its session that is already open; `take_over`: the one that makes room for it.
    """

    user_id: uuid.UUID
    own: uuid.UUID | None = None
    take_over: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class SlotGranted:
    """The player gets a slot."""


@dataclass(frozen=True, slots=True)
class Queued:
    """The player waits at this place in the queue, from 1."""

    position: int


@dataclass(frozen=True, slots=True)
class UserLimitReached:
    """The person has as many other sessions as one person may have."""

    others: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class QueueLimitReached:
    """No slot is free, and the queue is full."""


Decision = SlotGranted | Queued | UserLimitReached | QueueLimitReached


def decide(sessions: Iterable[OpenSession], arrival: SlotApplicant, limits: SlotLimits) -> Decision:
    """Return the decision on an arrival.

    Free slots go to those who wait longest, before a new arrival. A waiting session counts towards the
    person's limit like a playing one, so that one person cannot fill the queue.
    """
    known = {session.id: session for session in sessions}
    own = known.get(arrival.own) if arrival.own else None
    if own is not None and own.playing:
        return SlotGranted()
    given = known.pop(arrival.take_over, None) if arrival.take_over else None
    others = tuple(
        session.id
        for session in known.values()
        if session.user_id == arrival.user_id and session is not own and (session.playing or own is None)
    )
    if len(others) >= limits.per_user:
        return UserLimitReached(others)
    if given is not None and given.playing:
        # The slot passes from one session to the other, so no waiting player loses one.
        return SlotGranted()
    return _in_line(tuple(known.values()), own, arrival.user_id, limits)


def _in_line(
    sessions: Sequence[OpenSession], own: OpenSession | None, user_id: uuid.UUID, limits: SlotLimits
) -> Decision:
    line: list[OpenSession | None] = [session for session in by_ticket(sessions) if not session.playing]
    waiting = len(line)
    if own is None:
        # The arrival.
        line.append(None)
    position = line.index(own) + 1
    playing = Counter(session.user_id for session in sessions if session.playing)
    if _is_served(line[:position], playing, user_id, limits):
        return SlotGranted()
    return QueueLimitReached() if own is None and waiting >= limits.queue else Queued(position)


def _is_served(
    line: Sequence[OpenSession | None], playing: Counter[uuid.UUID], user_id: uuid.UUID, limits: SlotLimits
) -> bool:
    """Return whether the last of the line gets a slot when free slots are given out from its head.

    A session whose person already plays as much as allowed is skipped, so that it delays no other.
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
    """Return sessions in the order of their arrival."""
    return sorted(sessions, key=lambda session: session.ticket)

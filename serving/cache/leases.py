"""Who gets a slot: the algebra of limits, the queue and take-overs. Pure: open sessions and a wish in, a decision out.

An open session is one that was not given back and whose lease was not swept; each counts, whatever its age is.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SlotLimits:
    """Players at a time, of all people and of one person; players that may wait."""

    total: int
    per_user: int
    queue: int


@dataclass(frozen=True, slots=True)
class Open:
    """An open session: it plays, or waits in the order of its ticket."""

    id: uuid.UUID
    ticket: int
    user_id: uuid.UUID
    playing: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody wants a slot. `own`: their session that is open already; `take_over`: the one that makes room for it."""

    user_id: uuid.UUID
    own: uuid.UUID | None = None
    take_over: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Plays:
    """A slot is theirs."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Their place in the queue, from 1."""

    position: int


@dataclass(frozen=True, slots=True)
class TooMany:
    """The person's other sessions are as many as one person may have."""

    others: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class QueueFull:
    """No slot is free, and as many wait as may."""


Decision = Plays | Waits | TooMany | QueueFull


def decide(sessions: Iterable[Open], arrival: Arrival, limits: SlotLimits) -> Decision:
    """What the arrival leads to.

    Free slots belong to those who wait longest, as many as there are; who arrives comes after them. What waits counts
    towards the person's limit as what plays does, so that nobody fills the queue alone.
    """
    known = {session.id: session for session in sessions}
    own = known.get(arrival.own) if arrival.own else None
    if own is not None and own.playing:
        return Plays()
    given = known.pop(arrival.take_over, None) if arrival.take_over else None
    others = tuple(
        session.id
        for session in known.values()
        if session.user_id == arrival.user_id and session is not own and (session.playing or own is None)
    )
    if len(others) >= limits.per_user:
        return TooMany(others)
    if given is not None and given.playing:
        return Plays()  # the slot changes hands, so that nobody who waits loses by it
    return _in_line(tuple(known.values()), own, arrival.user_id, limits)


def _in_line(sessions: Sequence[Open], own: Open | None, user_id: uuid.UUID, limits: SlotLimits) -> Decision:
    line: list[Open | None] = [session for session in by_ticket(sessions) if not session.playing]
    waiting = len(line)
    if own is None:
        line.append(None)  # who arrives
    position = line.index(own) + 1
    playing = Counter(session.user_id for session in sessions if session.playing)
    if _is_served(line[:position], playing, user_id, limits):
        return Plays()
    return QueueFull() if own is None and waiting >= limits.queue else Waits(position)


def _is_served(
    line: Sequence[Open | None], playing: Counter[uuid.UUID], user_id: uuid.UUID, limits: SlotLimits
) -> bool:
    """Whether the last of the line gets a slot when the free ones are given out from its head.

    Whose person already plays as much as one may holds up nobody behind.
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


def by_ticket(sessions: Iterable[Open]) -> list[Open]:
    """In the order of arrival."""
    return sorted(sessions, key=lambda session: session.ticket)

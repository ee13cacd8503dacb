"""The policy for slots: limits hold and the queue is fair, in any order of requests."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from serving.cache.slot_policy import (
    OpenSession,
    Queued,
    QueueLimitReached,
    SlotApplicant,
    SlotGranted,
    SlotLimits,
    UserLimitReached,
    by_ticket,
    decide,
)

LEASE = 45
USERS = [uuid.uuid5(uuid.NAMESPACE_URL, str(number)) for number in range(4)]
users = st.sampled_from(USERS)
limits = st.builds(SlotLimits, total=st.integers(1, 5), per_user=st.integers(1, 3), queue=st.integers(0, 4))


class House(RuleBasedStateMachine):
    """Players arrive, wait, play, go silent and leave, and time passes.

    A player silent for a lease is swept.
    """

    @initialize(limits=limits)
    def open_the_house(self, limits: SlotLimits) -> None:
        self.limits = limits
        self.sessions: dict[uuid.UUID, OpenSession] = {}
        self.seen: dict[uuid.UUID, int] = {}
        self.now = self.ticket = 0

    def sweep(self) -> None:
        for key in [key for key, seen in self.seen.items() if self.now - seen > LEASE]:
            self.leave(key)

    def leave(self, key: uuid.UUID) -> None:
        del self.sessions[key], self.seen[key]

    def arrive(self, arrival: SlotApplicant) -> None:
        self.sweep()
        waited = self.waiting()
        before = {key for key, session in self.sessions.items() if session.playing}
        decision = decide(self.sessions.values(), arrival, self.limits)
        match decision:
            case UserLimitReached(others):
                assert {self.sessions[key].user_id for key in others} == {arrival.user_id}
                assert len(others) >= self.limits.per_user
            case QueueLimitReached():
                assert arrival.own is None
                assert len(waited) >= self.limits.queue
            case SlotGranted() | Queued():
                if arrival.take_over in self.sessions:
                    self.leave(arrival.take_over)
                self.enter(arrival, playing=isinstance(decision, SlotGranted))
        if (
            isinstance(decision, SlotGranted)
            and arrival.own not in before
            and arrival.take_over not in before
        ):
            self.check_fair(arrival, waited)

    def enter(self, arrival: SlotApplicant, *, playing: bool) -> None:
        self.ticket += 1
        key = arrival.own or uuid.UUID(int=self.ticket)
        ticket = self.sessions[key].ticket if key in self.sessions else self.ticket
        self.sessions[key] = OpenSession(key, ticket, arrival.user_id, playing)
        self.seen[key] = self.now

    def check_fair(self, arrival: SlotApplicant, waited: list[OpenSession]) -> None:
        """Check that a player served before waiting ones leaves enough slots for those that may play."""
        playing = Counter(session.user_id for session in self.sessions.values() if session.playing)
        free = self.limits.total - playing.total()
        ahead = [
            session
            for session in waited
            if session.id in self.sessions and not self.sessions[session.id].playing
        ]
        if arrival.own is not None:
            own = self.sessions[arrival.own].ticket
            ahead = [session for session in ahead if session.ticket < own]
        served = 0
        for session in ahead:
            if playing[session.user_id] < self.limits.per_user:
                playing[session.user_id] += 1
                served += 1
        assert served <= free

    def waiting(self) -> list[OpenSession]:
        return [session for session in by_ticket(self.sessions.values()) if not session.playing]

    @rule(user=users)
    def somebody_comes(self, user: uuid.UUID) -> None:
        self.arrive(SlotApplicant(user))

    @precondition(lambda self: self.sessions)
    @rule(data=st.data())
    def somebody_asks_again(self, data: st.DataObject) -> None:
        session = data.draw(st.sampled_from(by_ticket(self.sessions.values())))
        self.sweep()
        if session.id in self.sessions:
            self.arrive(SlotApplicant(session.user_id, session.id))

    @precondition(lambda self: self.sessions)
    @rule(data=st.data())
    def somebody_takes_over(self, data: st.DataObject) -> None:
        given = data.draw(st.sampled_from(by_ticket(self.sessions.values())))
        playing = sum(session.playing for session in self.sessions.values())
        self.sweep()
        self.arrive(SlotApplicant(given.user_id, take_over=given.id))
        assert sum(session.playing for session in self.sessions.values()) <= max(playing, self.limits.total)

    @precondition(lambda self: self.sessions)
    @rule(data=st.data())
    def somebody_leaves(self, data: st.DataObject) -> None:
        self.leave(data.draw(st.sampled_from(by_ticket(self.sessions.values()))).id)

    @rule(seconds=st.integers(1, LEASE))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule()
    def all_players_fall_silent(self) -> None:
        """All players that keep asking play in the end, and wait at most a lease for dead players."""
        self.now += LEASE + 1
        for session in self.waiting():
            self.seen[session.id] = self.now
        for _ in range(len(self.sessions)):
            for session in self.waiting():
                self.arrive(SlotApplicant(session.user_id, session.id))
            for session in list(self.sessions.values()):
                if session.playing:
                    self.leave(session.id)
        assert not self.sessions

    @invariant()
    def limits_hold(self) -> None:
        playing = Counter(session.user_id for session in self.sessions.values() if session.playing)
        everybody = Counter(session.user_id for session in self.sessions.values())
        assert playing.total() <= self.limits.total
        assert max(everybody.values(), default=0) <= self.limits.per_user
        assert len(self.waiting()) <= self.limits.queue

    @invariant()
    def positions_have_no_gaps(self) -> None:
        """Positions have no gaps for waiting players, while no slot is free for them."""
        full = replace(self.limits, total=sum(session.playing for session in self.sessions.values()))
        told = [
            decide(self.sessions.values(), SlotApplicant(session.user_id, session.id), full)
            for session in self.waiting()
        ]
        assert told == [Queued(position + 1) for position in range(len(told))]


TestHouse = House.TestCase
TestHouse.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


@given(limits, users)
def test_all_players_are_admitted_while_slots_are_free(limits: SlotLimits, user: uuid.UUID) -> None:
    assert decide([], SlotApplicant(user), limits) == SlotGranted()


def session(user: uuid.UUID, ticket: int, *, playing: bool) -> OpenSession:
    return OpenSession(uuid.uuid4(), ticket, user, playing)


def test_an_account_at_its_limit_does_not_block_the_queue() -> None:
    """The limits were lowered while players waited: the first in line may not play, the second may."""
    greedy, other, third = USERS[:3]
    sessions = [session(greedy, 1, playing=True), session(greedy, 2, playing=False)]
    sessions += [session(other, 3, playing=False)]
    limits = SlotLimits(total=2, per_user=1, queue=5)
    assert isinstance(decide(sessions, SlotApplicant(greedy, sessions[1].id), limits), UserLimitReached)
    assert decide(sessions, SlotApplicant(other, sessions[2].id), limits) == SlotGranted()
    assert decide(sessions, SlotApplicant(third), limits) == Queued(3)


def test_a_taken_over_slot_bypasses_the_queue() -> None:
    mine, theirs = USERS[:2]
    playing, waits = session(mine, 1, playing=True), session(theirs, 2, playing=False)
    limits = SlotLimits(total=1, per_user=1, queue=5)
    assert decide([playing, waits], SlotApplicant(mine, take_over=playing.id), limits) == SlotGranted()
    assert decide([playing, waits], SlotApplicant(mine), limits) == UserLimitReached((playing.id,))

"""Leases in PostgreSQL: what holds a slot, what loses it, and what restores it.

Rows are backdated to let time pass.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, func, select, text, update
from sqlalchemy.orm import Session

from catalog_models.engine import driver_url
from catalog_models.tables import Content, ContentView, PlaybackSession, User
from catalog_models.writes import content_views, login_sessions, playback_sessions
from orchestration.settings import Settings
from serving.cache.admission import NewSession, Placement, SlotRequest, SlotRules, admit
from serving.cache.slot_policy import SlotLimits
from serving.http.errors import ApiError
from serving.titles.playback_errors import (
    PlaybackEndedError,
    PlaybackNotFoundError,
    QueueFullError,
    StreamLimitError,
)
from tests.serving.conftest import Person, Shelf, sign_in
from tests.serving.shared_streams import anonymous, database_url, settings, shelf, site, site_settings

__all__ = ["anonymous", "database_url", "settings", "shelf", "site", "site_settings"]

LEASE = 45
LIMITS = SlotLimits(total=3, per_user=2, queue=2)

# PostgreSQL looks up functions in the order of the search path, so a test can override the start of its
# server.
_STARTED = """
create table server_start as select clock_timestamp() - interval '1 day' as at;
create function pg_postmaster_start_time() returns timestamptz language sql as 'select at from server_start';
"""

_PASS = """
with server as (update server_start set at = at - make_interval(secs => :by))
update playback_sessions set
    asked_at = asked_at - make_interval(secs => :by), seen_at = seen_at - make_interval(secs => :by),
    started_at = started_at - make_interval(secs => :by), ended_at = ended_at - make_interval(secs => :by)
"""


@dataclass
class House:
    """Accounts and a title, with their sessions, in one transaction."""

    session: Session
    people: list[Person]
    title: uuid.UUID
    limits: SlotLimits = LIMITS
    known: list[tuple[Person, uuid.UUID]] = field(default_factory=list)

    @property
    def rules(self) -> SlotRules:
        return SlotRules(self.limits, dt.timedelta(seconds=LEASE))

    def come(self, person: Person, take_over: uuid.UUID | None = None, *, join: bool = False) -> Placement:
        """Open a session for an account."""
        new = NewSession(self.title, person.session_id, "tests")
        place = self.admitted(SlotRequest(person.user_id, new, take_over=take_over, join=join))
        self.known.append((person, place.playback_id))
        return place

    def ask(self, person: Person, playback_id: uuid.UUID) -> Placement:
        """Ask again for a session."""
        return self.admitted(SlotRequest(person.user_id, playback_id=playback_id))

    def admitted(self, wish: SlotRequest) -> Placement:
        with self.session.begin_nested():
            return admit(self.session, wish, self.rules)

    def renew(self, person: Person, playback_id: uuid.UUID, sent: int = 0) -> bool:
        """Renew a session. Return whether it was open."""
        return playback_sessions.renew(self.session, playback_id, person.user_id, sent) is not None

    def end(self, playback_id: uuid.UUID, reason: str = "ended") -> None:
        playback_sessions.end(self.session, [playback_id], reason)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.session.execute(text(_PASS), {"by": seconds})

    def restart(self) -> None:
        """Simulate a restart of PostgreSQL."""
        self.session.execute(text("update server_start set at = clock_timestamp()"))

    def state(self, playback_id: uuid.UUID) -> str:
        self.session.expire_all()
        row = self.session.get_one(PlaybackSession, playback_id)
        return row.end_reason or ("playing" if row.started_at else "waiting")


@pytest.fixture
def house(settings: Settings, database_url: str, shelf: Shelf) -> Iterator[House]:
    people = [sign_in(settings) for _ in range(3)]
    title = shelf.add(content=bytes(1000))
    options = {"options": "-csearch_path=public,pg_catalog"}
    engine = create_engine(driver_url(database_url), connect_args=options)
    with Session(engine) as session:
        session.execute(text(_STARTED))
        yield House(session, people, title)
    engine.dispose()


def test_a_slot_is_released_one_lease_after_the_last_heartbeat(house: House) -> None:
    house.limits = SlotLimits(total=1, per_user=2, queue=2)
    first, second, _ = house.people
    playing, waiting = house.come(first), house.come(second)
    house.wait(LEASE - 1)
    assert (playing.position, house.ask(second, waiting.playback_id).position) == (0, 1)
    house.wait(2)
    place = house.ask(second, waiting.playback_id)
    assert place.position == 0
    assert house.state(playing.playback_id) == "expired"
    assert [event.name for event in place.events] == ["stream.ended", "stream.started"]


def test_a_waiting_session_that_does_not_ask_again_loses_its_position(house: House) -> None:
    house.limits = SlotLimits(total=1, per_user=2, queue=5)
    first, second, third = house.people
    playing, silent, waiting = house.come(first), house.come(second), house.come(third)
    assert (silent.position, waiting.position) == (1, 2)
    house.wait(LEASE + 1)
    house.renew(first, playing.playback_id)
    house.renew(third, waiting.playback_id)
    assert house.ask(third, waiting.playback_id).position == 1
    assert house.state(silent.playback_id) == "left"
    assert house.ask(second, silent.playback_id).position == 2, "they come back at the end of the queue"


def test_an_expired_session_gets_a_free_slot_or_waits(house: House) -> None:
    house.limits = SlotLimits(total=1, per_user=2, queue=2)
    first, second, _ = house.people
    paused = house.come(first)
    house.wait(LEASE + 1)
    other = house.come(second)
    assert not house.renew(first, paused.playback_id), "the slot belongs to another session"
    assert house.ask(first, paused.playback_id).position == 1
    assert house.state(paused.playback_id) == "waiting"
    house.end(other.playback_id)
    assert house.ask(first, paused.playback_id).position == 0


@pytest.mark.parametrize("reason", ["ended", "taken_over", "revoked"])
def test_an_ended_session_never_returns(house: House, reason: str) -> None:
    person = house.people[0]
    place = house.come(person)
    house.end(place.playback_id, reason)
    assert not house.renew(person, place.playback_id)
    with pytest.raises(PlaybackEndedError) as caught:
        house.ask(person, place.playback_id)
    assert caught.value.details == {"reason": reason}


def test_a_session_that_expired_long_ago_has_ended(house: House) -> None:
    person = house.people[0]
    place = house.come(person)
    house.wait(LEASE + 1)
    house.come(house.people[1])
    house.wait(13 * 3_600)
    with pytest.raises(PlaybackEndedError):
        house.ask(person, place.playback_id)


def test_an_expired_session_that_is_ended_does_not_return(house: House) -> None:
    person = house.people[0]
    place = house.come(person)
    house.wait(LEASE + 1)
    house.come(house.people[1])
    house.end(place.playback_id)
    with pytest.raises(PlaybackEndedError):
        house.ask(person, place.playback_id)


def _deactivate(session: Session, person: Person) -> None:
    session.execute(update(User).where(User.id == person.user_id).values(is_active=False))


def _sign_out(session: Session, person: Person) -> None:
    login_sessions.end(session, person.user_id, None, "logout")


@pytest.mark.parametrize("stop", [_deactivate, _sign_out])
def test_playback_ends_with_the_account_or_the_sign_in(
    house: House, stop: Callable[[Session, Person], None]
) -> None:
    person = house.people[0]
    place = house.come(person)
    stop(house.session, person)
    assert not house.renew(person, place.playback_id)
    with pytest.raises(PlaybackEndedError) as caught:
        house.ask(person, place.playback_id)
    assert caught.value.details == {"reason": "revoked"}


def test_sessions_of_other_viewers_are_not_found(house: House) -> None:
    mine, theirs = house.people[:2]
    place = house.come(mine)
    assert not house.renew(theirs, place.playback_id)
    with pytest.raises(PlaybackNotFoundError):
        house.ask(theirs, place.playback_id)
    with pytest.raises(PlaybackNotFoundError):
        house.come(theirs, take_over=place.playback_id)
    assert house.state(place.playback_id) == "playing"


def test_slots_stay_reserved_after_a_restart_of_the_database(
    house: House,
) -> None:
    house.limits = SlotLimits(total=1, per_user=1, queue=2)
    first, second, _ = house.people
    playing = house.come(first)
    house.wait(10 * LEASE)
    house.restart()
    waiting = house.come(second)
    assert waiting.position == 1
    house.wait(LEASE - 1)
    assert house.ask(second, waiting.playback_id).position == 1
    assert house.renew(first, playing.playback_id), "an active session continues"
    house.wait(LEASE - 1)
    house.renew(second, waiting.playback_id)
    house.wait(2)
    assert house.ask(second, waiting.playback_id).position == 0, "a silent session loses its slot"


def test_a_request_joins_the_session_of_the_same_sign_in(house: House) -> None:
    first, second, _ = house.people
    place = house.come(first, join=True)
    assert house.come(first, join=True).playback_id == place.playback_id
    assert house.come(second, join=True).playback_id != place.playback_id
    house.wait(LEASE + 1)
    assert house.come(first, join=True).playback_id == place.playback_id, "it only expired"
    house.end(place.playback_id)
    assert house.come(first, join=True).playback_id != place.playback_id


def test_a_view_counts_once_after_thirty_seconds_or_a_tenth_of_the_bytes(house: House) -> None:
    person = house.people[0]
    session = house.session
    by_time = house.come(person).playback_id
    assert not content_views.count(session, by_time)
    house.wait(31)
    assert content_views.count(session, by_time)
    assert not content_views.count(session, by_time)
    house.end(by_time)
    by_bytes = house.come(person).playback_id
    house.renew(person, by_bytes, 99)
    assert not content_views.count(session, by_bytes)
    house.renew(person, by_bytes, 1)
    assert content_views.count(session, by_bytes)
    assert session.scalar(select(func.count()).select_from(ContentView)) == 2


def test_a_view_of_a_title_without_a_file_requires_thirty_seconds(house: House) -> None:
    place = house.come(house.people[0])
    house.session.execute(update(Content).values(best_file_id=None))
    house.renew(house.people[0], place.playback_id, 10**15)
    assert not content_views.count(house.session, place.playback_id)


ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("come"), st.integers(0, 2)),
        st.tuples(st.sampled_from(["ask", "renew", "end", "take over"]), st.integers(0, 9)),
        st.tuples(st.just("wait"), st.integers(1, LEASE)),
        st.tuples(st.just("restart"), st.just(0)),
    ),
    min_size=5,
    max_size=30,
)


@given(ACTS)
@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    # Each example is rolled back.
)
def test_limits_hold_and_no_active_session_loses_its_slot(house: House, acts: list[tuple[str, int]]) -> None:
    house.known.clear()
    with house.session.begin_nested() as example:
        # The sessions that hold a slot, and when each was last renewed.
        playing: dict[uuid.UUID, float] = {}
        now = 0.0
        for act, number in acts:
            person, key = house.known[number % len(house.known)] if house.known else (house.people[0], None)
            place: Placement | None = None
            with suppress(ApiError):
                if act == "wait":
                    house.wait(number)
                    now += number
                elif act == "restart":
                    house.restart()
                    playing = dict.fromkeys(playing, now)
                elif act == "come":
                    place = house.come(house.people[number])
                elif key and act == "ask":
                    place = house.ask(person, key)
                elif key and act == "take over":
                    place = house.come(person, take_over=key)
                    playing.pop(key, None)
                elif key and act == "end":
                    house.end(key)
                    playing.pop(key, None)
                elif key and house.renew(person, key) and key in playing:
                    playing[key] = now
            if place and place.position == 0:
                playing[place.playback_id] = now
            playing = {key: seen for key, seen in playing.items() if now - seen < LEASE}
            _check(house, playing)
        example.rollback()


def _check(house: House, playing: dict[uuid.UUID, float]) -> None:
    rows = house.session.execute(
        select(PlaybackSession.id, PlaybackSession.user_id, PlaybackSession.started_at.is_not(None)).where(
            PlaybackSession.ended_at.is_(None)
        )
    ).all()
    have_slots = {key for key, _, has_slot in rows if has_slot}
    assert len(have_slots) <= LIMITS.total
    assert len(rows) - len(have_slots) <= LIMITS.queue
    for person in house.people:
        assert sum(user_id == person.user_id for _, user_id, _ in rows) <= LIMITS.per_user
    assert set(playing) <= have_slots


def test_refusals_state_a_remedy(house: House) -> None:
    house.limits = SlotLimits(total=2, per_user=2, queue=0)
    first, second, _ = house.people
    places = [house.come(first), house.come(first)]
    with pytest.raises(StreamLimitError) as caught:
        house.come(first)
    playing = caught.value.details["playing"]
    assert [each["playback_id"] for each in playing] == [str(place.playback_id) for place in places]
    assert {each["title"] for each in playing} == {"WSOP 2024 Main Event"}
    assert caught.value.headers["retry-after"] == str(LEASE)
    with pytest.raises(QueueFullError) as full:
        house.come(second)
    assert full.value.headers["retry-after"] == str(LEASE // 3)

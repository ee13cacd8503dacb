"""The registry of active sessions: when it asks block cache, and when it continues without it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy.exc import OperationalError

from orchestration.contracts import Credentials, Done, Release, Renewal, Slot, Source, Viewer
from serving.http.errors import ApiError, AuthRequiredError
from serving.stream.sessions.active_session import ActiveSession
from serving.stream.sessions.session_registry import IDLE, SessionRegistry, StreamWaitingError
from serving.stream.sessions.state import ViewerCache
from serving.titles.playback_errors import PlaybackEndedError

LEASE = 45.0
SOURCE = Source(b"/nas", b"a.mp4", "a.mp4", "mp4", 60.0, "nas")


@dataclass
class Cache:
    """An imitation of block cache, with a clock."""

    now: float = 1_000.0
    position: int = 0
    fails: Exception | None = None
    over: dict[uuid.UUID, ApiError | None] = field(default_factory=dict)
    renewals: list[Renewal] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.here = SessionRegistry(self.renew, self.leave, self.look, LEASE, lambda: self.now)

    async def renew(self, renewal: Renewal) -> Slot:
        await asyncio.sleep(0)
        if self.fails:
            raise self.fails
        self.renewals.append(renewal)
        return Slot(renewal.playback_id, uuid.uuid4(), renewal.user_id, self.position, LEASE)

    async def leave(self, release: Release) -> Done:
        self.releases.append(release)
        return Done(1)

    async def look(self, ids: list[uuid.UUID]) -> dict[uuid.UUID, ApiError | None]:
        if isinstance(self.fails, OperationalError):
            raise self.fails
        return {key: why for key, why in self.over.items() if key in ids}

    def add(self, login_session_id: uuid.UUID | None = None) -> ActiveSession:
        slot = Slot(uuid.uuid4(), uuid.uuid4(), uuid.uuid4(), 0, LEASE)
        return self.here.add(slot, SOURCE, self.now, login_session_id)


AWAY = OperationalError("select", {}, Exception("the database is away"))


def run(scenario: Callable[[Cache], Awaitable[None]]) -> None:
    asyncio.run(_awaited(scenario))


async def _awaited(scenario: Callable[[Cache], Awaitable[None]]) -> None:
    await scenario(Cache())


def test_the_cache_is_asked_once_and_only_after_the_lease() -> None:
    async def scenario(cache: Cache) -> None:
        playing = cache.add()
        cache.now += LEASE - 1
        await cache.here.hold(playing)
        assert not cache.renewals
        cache.now += 2
        await asyncio.gather(*(cache.here.hold(playing) for _ in range(20)))
        assert len(cache.renewals) == 1

    run(scenario)


def test_bytes_renew_every_third_of_a_lease() -> None:
    async def scenario(cache: Cache) -> None:
        playing = cache.add()
        for seconds, sent in ((5, 10), (5, 10), (5, 10), (5, 10), (30, 0), (5, 0)):
            cache.now += seconds
            playing.add_sent(sent)
            await cache.here.maintain()
        assert [renewal.bytes_sent for renewal in cache.renewals] == [30, 10]
        cache.now += LEASE
        await cache.here.maintain()
        assert cache.here.find(playing.id) is None, "what gives no sign of life is forgotten"

    run(scenario)


def test_bytes_sent_during_a_renewal_are_reported_before_the_end() -> None:
    async def scenario(cache: Cache) -> None:
        playing = cache.add()
        playing.add_sent(10)
        cache.now += LEASE / 3
        renewing = asyncio.create_task(cache.here.maintain())
        while playing._renewal is None:
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        playing.add_sent(5)
        await cache.here.finish(playing.id, PlaybackEndedError())
        await renewing
        told = [(each.bytes_sent, each.over) for each in cache.renewals]
        assert (told, playing.unreported) == ([(10, False), (5, True)], 0)

    run(scenario)


def test_bytes_are_reported_once_by_concurrent_callers() -> None:
    async def scenario(cache: Cache) -> None:
        playing = cache.add()
        playing.add_sent(10)
        cache.here._unreported.append(playing)
        await asyncio.gather(
            cache.here.finish(playing.id, PlaybackEndedError()), cache.here.maintain(), cache.here.close()
        )
        assert [each.bytes_sent for each in cache.renewals] == [10]

    run(scenario)


@pytest.mark.parametrize("ends", ["elsewhere", "silently", "by its player"])
def test_bytes_of_ended_sessions_are_reported_when_the_database_returns(ends: str) -> None:
    async def scenario(cache: Cache) -> None:
        playing = cache.add()
        playing.add_sent(10)
        if ends == "by its player":
            cache.fails = TimeoutError()
            await cache.here.finish(playing.id, PlaybackEndedError())
        else:
            cache.over = {playing.id: PlaybackEndedError() if ends == "elsewhere" else None}
            cache.fails = TimeoutError()
            await cache.here.maintain()
        assert (cache.here.find(playing.id), cache.renewals) == (None, [])
        cache.fails = None
        await cache.here.maintain()
        assert [(each.bytes_sent, each.over) for each in cache.renewals] == [(10, True)]
        await cache.here.maintain()
        assert len(cache.renewals) == 1

    run(scenario)


def test_playback_continues_while_the_database_is_down() -> None:
    async def scenario(cache: Cache) -> None:
        playing, cache.fails = cache.add(), AWAY
        for _ in range(100):
            cache.now += 5
            playing.add_sent(1)
            await cache.here.maintain()
            await cache.here.hold(playing)
        assert cache.here.find(playing.id) is playing
        cache.fails = None
        cache.now += 5
        await cache.here.maintain()
        assert [renewal.bytes_sent for renewal in cache.renewals] == [100]

    run(scenario)


@pytest.mark.parametrize("position", [0, 2])
def test_a_session_that_lost_its_lease_elsewhere_needs_a_new_slot(position: int) -> None:
    async def scenario(cache: Cache) -> None:
        playing, cache.position = cache.add(), position
        cache.over = {playing.id: None}
        await cache.here.maintain()
        if position:
            with pytest.raises(StreamWaitingError):
                await cache.here.hold(playing)
        else:
            await cache.here.hold(playing)
        assert len(cache.renewals) == 1

    run(scenario)


def test_a_session_that_ended_elsewhere_is_cut() -> None:
    async def scenario(cache: Cache) -> None:
        playing = cache.add()
        sending = asyncio.create_task(asyncio.sleep(60))
        with playing.sending(sending):
            cache.over = {playing.id: PlaybackEndedError("taken_over")}
            await cache.here.check([playing.id])
            with pytest.raises(asyncio.CancelledError):
                await sending
        with pytest.raises(PlaybackEndedError):
            await cache.here.hold(playing)
        assert cache.here.find(playing.id) is None

    run(scenario)


def test_only_joined_sessions_are_released_when_idle() -> None:
    async def scenario(cache: Cache) -> None:
        sign_in = uuid.uuid4()
        started, joined = cache.add(), cache.add(sign_in)
        assert cache.here.find_joined(sign_in, joined.content_id) is joined
        joined.unreported = 7
        cache.now += IDLE / 2
        assert not await cache.here.release_idle(idle=IDLE)
        cache.now += IDLE
        assert await cache.here.release_idle(idle=IDLE)
        assert [renewal.bytes_sent for renewal in cache.renewals] == [7]
        assert [(each.playback_id, each.reason) for each in cache.releases] == [(joined.id, "expired")]
        assert cache.here.find_joined(sign_in, joined.content_id) is None
        assert cache.here.find(started.id) is started

    run(scenario)


def test_a_session_is_not_released_before_its_bytes_are_reported() -> None:
    async def run() -> None:
        cache = Cache()
        playing = cache.add(uuid.uuid4())
        playing.add_sent(500)
        cache.now += IDLE
        cache.fails = AWAY
        await cache.here.release_idle(idle=IDLE)
        assert (cache.releases, cache.here.find(playing.id)) == ([], playing)
        cache.fails = None
        await cache.here.release_idle(idle=IDLE)
        assert ([one.bytes_sent for one in cache.renewals], len(cache.releases)) == ([500], 1)

    asyncio.run(run())


def test_a_joined_player_keeps_its_slot() -> None:
    async def scenario(cache: Cache) -> None:
        started, sign_in = cache.add(), uuid.uuid4()
        slot = Slot(started.id, started.content_id, started.user_id, 0, LEASE)
        assert cache.here.add(slot, SOURCE, cache.now, sign_in) is started
        cache.now += 10 * IDLE
        assert not await cache.here.release_idle(idle=IDLE)
        assert not cache.releases

    run(scenario)


def test_the_viewer_of_a_token_is_cached_briefly() -> None:
    async def scenario() -> None:
        now, asked = [0.0], []
        viewer = Viewer(uuid.uuid4(), "somebody", "user", uuid.uuid4())

        async def authenticate(shown: Credentials) -> Viewer:
            asked.append(shown.token)
            if shown.token != "good":
                raise AuthRequiredError
            return viewer

        callers = ViewerCache(authenticate, lambda: now[0])
        for _ in range(3):
            assert await callers.identify(Credentials("good", "::1")) == viewer
            for token in (None, "bad"):
                with pytest.raises(AuthRequiredError):
                    await callers.identify(Credentials(token, "::1"))
        assert (asked.count("good"), asked.count("bad"), asked.count(None)) == (1, 1, 3)
        callers.forget(viewer.user_id)
        await callers.identify(Credentials("good", "::1"))
        now[0] += 6
        await callers.identify(Credentials("good", "::1"))
        assert asked.count("good") == 3

    asyncio.run(scenario())

"""The message bus on a real Redis: events arrive, handlers are isolated, a lost connection is restored."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
import redis as blocking_redis
from redis import RedisError
from redis.asyncio import Redis

from orchestration.breaker import Breaker
from orchestration.bus import Bus, Subscription
from orchestration.events import (
    EVENTS,
    ContentCreated,
    ContentUpdated,
    Event,
    LoginSucceeded,
    StreamEnded,
    UserCreated,
)
from orchestration.messages import decode, encode
from orchestration.redis_publisher import redis_publisher


class Listener:
    """A subscriber that records its events."""

    def __init__(self, *kinds: type[Event], work: Callable[[Event], Awaitable[None]] | None = None) -> None:
        self.heard: list[Event] = []
        self.gaps = 0
        self._work = work
        self.subscription = Subscription("listener", kinds, self._handle, self._after_gap)

    async def _handle(self, event: Event) -> None:
        if self._work is not None:
            await self._work(event)
        self.heard.append(event)

    async def _after_gap(self) -> None:
        self.gaps += 1


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def _running(url: str, *listeners: Listener) -> AsyncIterator[Bus]:
    async with Redis.from_url(url) as redis:
        bus = Bus(redis, Breaker("Redis", (RedisError,)))
        for listener in listeners:
            bus.subscribe(listener.subscription)
        task = asyncio.create_task(bus.run())
        await _until(lambda: all(listener.gaps for listener in listeners))
        try:
            yield bus
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def test_an_event_reaches_only_subscribers_of_its_kind(redis_url: str) -> None:
    async def scenario() -> None:
        created, updated = Listener(ContentCreated), Listener(ContentUpdated, UserCreated)
        async with _running(redis_url, created, updated) as bus:
            event, other = ContentCreated(uuid.uuid4()), UserCreated(uuid.uuid4())
            await bus.publish([event, LoginSucceeded(uuid.uuid4()), other])
            await _until(lambda: bool(created.heard and updated.heard))
        assert (created.heard, updated.heard) == ([event], [other])

    asyncio.run(scenario())


def test_without_redis_an_event_reaches_subscribers_of_the_process() -> None:
    async def scenario(redis: Redis | None) -> None:
        listener = Listener(ContentCreated)
        bus = Bus(redis, Breaker("Redis", (RedisError,)))
        bus.subscribe(listener.subscription)
        task = asyncio.create_task(bus.run())
        events = [ContentCreated(uuid.uuid4()) for _ in range(3)]
        await bus.publish([*events, UserCreated(uuid.uuid4())])
        await _until(lambda: listener.heard == events)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def away() -> None:
        async with Redis.from_url("redis://127.0.0.1:1") as gone:
            await scenario(gone)

    asyncio.run(scenario(None))
    asyncio.run(away())


def test_events_published_by_flows_arrive(redis_url: str) -> None:
    async def scenario() -> None:
        listener, event = Listener(ContentUpdated), ContentUpdated(uuid.uuid4())
        async with _running(redis_url, listener):
            await asyncio.to_thread(redis_publisher(redis_url), event)
            await _until(lambda: listener.heard == [event])

    asyncio.run(scenario())


def test_a_failing_or_hanging_handler_does_not_delay_the_others(redis_url: str) -> None:
    async def fails(event: Event) -> None:
        if event == first:
            raise RuntimeError("broken on purpose")

    async def hangs(_: Event) -> None:
        await asyncio.Event().wait()

    first, second = ContentCreated(uuid.uuid4()), ContentCreated(uuid.uuid4())

    async def scenario() -> None:
        failing, hanging, well = (
            Listener(ContentCreated, work=fails),
            Listener(ContentCreated, work=hangs),
            Listener(ContentCreated),
        )
        async with _running(redis_url, failing, hanging, well) as bus:
            await bus.publish([first, second])
            await _until(lambda: well.heard == [first, second] and failing.heard == [second])
        assert hanging.heard == []

    asyncio.run(scenario())


def test_a_subscriber_reconnects_and_is_informed_of_the_gap(redis_url: str) -> None:
    async def scenario() -> None:
        listener = Listener(ContentCreated)
        async with _running(redis_url, listener) as bus:
            with blocking_redis.Redis.from_url(redis_url) as admin:
                admin.client_kill_filter(_type="pubsub")
            await _until(lambda: listener.gaps == 2)
            await bus.publish([event := ContentCreated(uuid.uuid4())])
            await _until(lambda: listener.heard == [event])

    asyncio.run(scenario())


def test_messages_that_are_not_events_are_ignored(redis_url: str) -> None:
    async def scenario() -> None:
        listener = Listener(ContentCreated)
        async with _running(redis_url, listener) as bus:
            with blocking_redis.Redis.from_url(redis_url) as other:
                for nonsense in (b"\xff", b"{}", b"[1]", b'{"content_id": "no"}'):
                    other.publish(ContentCreated.name, nonsense)
            await bus.publish([event := ContentCreated(uuid.uuid4())])
            await _until(lambda: listener.heard == [event])

    asyncio.run(scenario())


def test_publishing_works_without_redis() -> None:
    async def scenario() -> None:
        await Bus(None, Breaker("Redis", ())).publish([ContentCreated(uuid.uuid4())])
        async with Redis.from_url("redis://127.0.0.1:1") as gone:
            await Bus(gone, Breaker("Redis", (RedisError,))).publish([ContentCreated(uuid.uuid4())])

    asyncio.run(scenario())


def test_every_event_can_be_sent_and_read() -> None:
    one, two, three = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    for event in (ContentCreated(one), UserCreated(two), StreamEnded(one, two, three)):
        assert decode(event.name, encode(event)) == event
    assert len({kind.name for kind in EVENTS}) == len(EVENTS)
    with pytest.raises(ValueError, match="no event"):
        decode("content.lost", b"{}")

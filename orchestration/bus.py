"""The message bus of the serving layer: events over Redis's channels, published after a commit.

Handlers are isolated: each has a queue and a task of its own, so that one that fails or is slow holds up no other.
Redis keeps no message for who is not there. A subscriber that was away, or too slow, may have missed some: what it
derived from events is out of date then, which is what its `after_gap` is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orchestration.breaker import Breaker, UnavailableError
from orchestration.events import Event
from orchestration.messages import decode, encode

if TYPE_CHECKING:
    from redis.asyncio import Redis

_log = logging.getLogger(__name__)

_LONGEST_QUEUE = 1_000  # messages; more mean that a handler does not keep up
_LONGEST_PAUSE = 5.0  # seconds between two attempts to reach Redis

Handle = Callable[[Event], Awaitable[None]]
AfterGap = Callable[[], Awaitable[None]]


@dataclass(eq=False)
class Subscription:
    """Who listens (`name`, for the log), to which events, and what is done with them."""

    name: str
    kinds: tuple[type[Event], ...]
    handle: Handle
    after_gap: AfterGap
    _queue: asyncio.Queue[Event] = field(default_factory=lambda: asyncio.Queue(_LONGEST_QUEUE))
    _gap: bool = False

    def put(self, event: Event) -> None:
        """Have the event handled in its turn."""
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self._gap = True

    def note_gap(self) -> None:
        """Messages may have been lost."""
        self._gap = True
        if self._queue.empty():
            self._queue.put_nowait(_WAKE)

    async def run(self) -> None:
        """Handle one event after the other, for ever."""
        while True:
            event = await self._queue.get()
            if self._gap:
                self._gap = False
                await self._safely(self.after_gap())
            if event is not _WAKE:
                await self._safely(self.handle(event))

    async def _safely(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception:  # noqa: BLE001 - one handler never takes down another
            _log.exception("%s failed at an event; the others go on", self.name)


_WAKE = Event()


class Bus:
    """Publishes and subscribes. Who listens in this process hears at once, the others through Redis; without it nobody
    else does: events shorten waits, nothing depends on them."""

    def __init__(self, redis: Redis | None, breaker: Breaker) -> None:
        self._redis, self._breaker = redis, breaker
        self._subscriptions: list[Subscription] = []
        self._heard: set[str] = set()
        self._own: Counter[tuple[str, bytes]] = Counter()  # what comes back to us, who have heard it

    async def publish(self, events: Iterable[Event]) -> None:
        """Tell everybody."""
        told = self._redis is not None
        for event in events:
            self._put(event)
            told = told and await self._publish(event)

    async def _publish(self, event: Event) -> bool:
        assert self._redis is not None  # noqa: S101 - `publish` has asked
        message = (event.name, encode(event))
        if event.name in self._heard:
            self._own[message] += 1
        try:
            async with self._breaker.guard():
                await self._redis.publish(*message)
        except UnavailableError as error:
            self._is_own(*message)
            _log.warning("%s was not published: %s", event, error)
            return False
        return True

    def subscribe(self, subscription: Subscription) -> None:
        """Listen from the moment that `run` is at."""
        self._subscriptions.append(subscription)
        self._heard |= {kind.name for kind in subscription.kinds}

    async def run(self) -> None:
        """Listen and handle until cancelled; comes back to a Redis that went away."""
        async with asyncio.TaskGroup() as tasks:
            for subscription in self._subscriptions:
                tasks.create_task(subscription.run())
            if self._redis is not None and self._subscriptions:
                tasks.create_task(self._listen(self._redis))

    async def _listen(self, redis: Redis) -> None:
        pause = 0.1
        while True:
            try:
                async with redis.pubsub(ignore_subscribe_messages=False) as channels:
                    await channels.subscribe(*sorted(self._heard))
                    await self._receive(channels)
            except Exception as error:  # noqa: BLE001 - whatever it was, the way on is to connect anew
                _log.warning("the message bus lost Redis (%s); it connects again", error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _is_own(self, channel: str, data: bytes) -> bool:
        """Whether this process has published that and not heard it come back yet."""
        own = self._own.pop((channel, data), 0)
        if own > 1:
            self._own[channel, data] = own - 1
        return own > 0

    async def _receive(self, channels: Any) -> None:
        """Once subscribed, what was said before is known to be missed. A silent connection is pinged, for a dead one
        looks the same."""
        while True:
            message = await channels.get_message(timeout=_LONGEST_PAUSE)
            if message is None:
                await channels.ping()
            elif message["type"] == "subscribe":
                self._own.clear()
                for subscription in self._subscriptions:
                    subscription.note_gap()
            elif message["type"] == "message":
                self._dispatch(message["channel"].decode(), message["data"])

    def _dispatch(self, channel: str, data: bytes) -> None:
        if self._is_own(channel, data):
            return
        try:
            event = decode(channel, data)
        except ValueError as error:
            _log.warning("a message on %s is no event: %s", channel, str(error).partition("\n")[0])
            return
        self._put(event)

    def _put(self, event: Event) -> None:
        for subscription in self._subscriptions:
            if isinstance(event, subscription.kinds):
                subscription.put(event)

"""The message bus of the serving layer: events in Redis channels, published after the commit.

Handlers are isolated: each has its own queue and task, so a slow or failing handler does not delay the
others. Redis keeps no messages for disconnected subscribers. A subscriber that was disconnected or too slow
may have missed some, so its derived state may be outdated; then its `after_gap` is called.
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

# Messages. A longer queue means that a handler is too slow.
_LONGEST_QUEUE = 1_000
# Seconds between two attempts to reach Redis.
_LONGEST_PAUSE = 5.0

Handle = Callable[[Event], Awaitable[None]]
AfterGap = Callable[[], Awaitable[None]]


@dataclass(eq=False)
class Subscription:
    """A subscriber: its `name` for the log, the events that it handles, and their handler."""

    name: str
    kinds: tuple[type[Event], ...]
    handle: Handle
    after_gap: AfterGap
    _queue: asyncio.Queue[Event] = field(default_factory=lambda: asyncio.Queue(_LONGEST_QUEUE))
    _gap: bool = False

    def put(self, event: Event) -> None:
        """Queue an event for the handler."""
        try:
            self._queue.put_nowait(event)
        except asyncio.QueueFull:
            self._gap = True

    def note_gap(self) -> None:
        """Record that messages may have been lost."""
        self._gap = True
        if self._queue.empty():
            self._queue.put_nowait(_WAKE)

    async def run(self) -> None:
        """Handle events one after the other until cancelled."""
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
        # An error of one handler must not stop the others.
        except Exception:  # noqa: BLE001
            _log.exception("%s failed to handle an event; other handlers continue", self.name)


_WAKE = Event()


class Bus:
    """Publishes and subscribes to events.

    Subscribers in this process get events at once, others through Redis. Without Redis, others get none.
    Events only shorten waits; correctness does not depend on them.
    """

    def __init__(self, redis: Redis | None, breaker: Breaker) -> None:
        self._redis, self._breaker = redis, breaker
        self._subscriptions: list[Subscription] = []
        self._heard: set[str] = set()
        # Our own messages that Redis has not sent back yet; their handlers have run.
        self._own: Counter[tuple[str, bytes]] = Counter()

    async def publish(self, events: Iterable[Event]) -> None:
        """Send events to all subscribers."""
        is_reachable = self._redis is not None
        for event in events:
            self._put(event)
            is_reachable = is_reachable and await self._publish(event)

    async def _publish(self, event: Event) -> bool:
        assert self._redis is not None  # noqa: S101 - `publish` has checked it
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
        """Add a subscriber before `run` starts."""
        self._subscriptions.append(subscription)
        self._heard |= {kind.name for kind in subscription.kinds}

    async def run(self) -> None:
        """Receive and handle events until cancelled; reconnect to Redis after an outage."""
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
            # After any error, the remedy is to connect again.
            except Exception as error:  # noqa: BLE001
                _log.warning("the message bus lost its connection to Redis (%s); reconnecting", error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _is_own(self, channel: str, data: bytes) -> bool:
        """Return whether this process published the message and has not received it back yet."""
        own = self._own.pop((channel, data), 0)
        if own > 1:
            self._own[channel, data] = own - 1
        return own > 0

    async def _receive(self, channels: Any) -> None:
        """Receive messages. After each new subscription, report a gap: earlier messages may be missing.

        A silent connection is pinged, because a dead one looks the same.
        """
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
            _log.warning("a message on %s is not an event: %s", channel, str(error).partition("\n")[0])
            return
        self._put(event)

    def _put(self, event: Event) -> None:
        for subscription in self._subscriptions:
            if isinstance(event, subscription.kinds):
                subscription.put(event)

"""A playback session that is active in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from orchestration.contracts import FileVersion, Slot, Source
from serving.http.errors import ApiError
from serving.stream.responses.files import FileSnapshot


class ActiveSession:
    """A playback session and its state in this process. Only its own methods change it.

    Times are seconds of one monotonic clock. A lease starts when it is requested, so that it never lasts
    longer here than in the database.
    """

    def __init__(self, slot: Slot, source: Source, asked_at: float, *, joined: bool) -> None:
        self.id, self.content_id, self.user_id = slot.playback_id, slot.content_id, slot.user_id
        # A session that was opened by a request for bytes sends no heartbeat and no end.
        self.is_joined = joined
        self.source = source
        # The state of the file when it was last opened.
        self.seen: FileSnapshot | None = None
        # The session never receives bytes of another version of its file.
        self.version: FileVersion | None = slot.version
        # Whether the version is in the database, where other processes read it.
        self.is_version_stored = slot.version is not None
        # Why the session ended.
        self.over: ApiError | None = None
        self.renewed_at = self.used_at = asked_at
        self.held_until = asked_at + slot.lease_seconds
        # Bytes sent since the last renewal.
        self.unreported = 0
        self._sending: set[asyncio.Task[None]] = set()
        self._renewal: asyncio.Task[bool] | None = None

    def use(self, now: float) -> None:
        """Note a request for bytes. Raises an error with the reason if the session has ended."""
        self.used_at = now
        if self.over is not None:
            raise self.over

    def is_held(self, now: float) -> bool:
        """Return whether the session holds its slot."""
        return self.over is None and now < self.held_until

    def is_idle(self, now: float, idle: float) -> bool:
        """Return whether a joined session has had no response for this many seconds."""
        return self.is_joined and not self._sending and now - self.used_at >= idle

    @property
    def is_sending(self) -> bool:
        """Return whether a response to the session is being sent."""
        return bool(self._sending)

    def hold_until(self, moment: float) -> None:
        """Hold the slot at least until this moment."""
        self.held_until = max(self.held_until, moment)

    def expire(self) -> None:
        """Stop holding the slot: the next byte requires a new lease."""
        self.held_until = 0.0

    def end(self, why: ApiError | None) -> None:
        """Expire the session. With a reason, also refuse further requests and cancel running responses."""
        self.expire()
        if why is None:
            return
        self.over = why
        for task in self._sending:
            task.cancel()

    def open(self, source: Source, seen: FileSnapshot | None) -> None:
        """Set the file that was opened for a response."""
        self.source, self.seen = source, seen

    def switch_to(self, source: Source) -> None:
        """Set another source of the same file, from which a response continues."""
        self.source = source

    def set_version(self, version: FileVersion) -> None:
        """Set the version that the session plays, unless it is already known exactly."""
        if self.version is None or self.version.ctime_ns is None:
            self.version = version

    def set_stored_version(self, version: FileVersion) -> None:
        """Set the version that the database has stored for the session."""
        self.version, self.is_version_stored = version, True

    def add_sent(self, count: int) -> None:
        """Count bytes that were sent or could not be reported."""
        self.unreported += count

    def take_unreported(self) -> int:
        """Return the number of unreported bytes, and reset it."""
        count, self.unreported = self.unreported, 0
        return count

    def renewed(self, asked_at: float, lease_seconds: float, reported: int) -> None:
        """Start a new lease, which was requested at `asked_at` and reported `reported` bytes."""
        self.unreported -= reported
        self.renewed_at, self.held_until = asked_at, asked_at + lease_seconds

    @contextmanager
    def sending(self, task: asyncio.Task[None]) -> Iterator[None]:
        """Cancel the task if the session ends while the context is open."""
        self._sending.add(task)
        try:
            yield
        finally:
            self._sending.discard(task)

    async def renew_once(self, renew: Callable[[ActiveSession], Coroutine[Any, Any, bool]]) -> bool:
        """Run a renewal, or wait for the running one, and return its result."""
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._run(renew))
        return await asyncio.shield(self._renewal)

    async def _run(self, renew: Callable[[ActiveSession], Coroutine[Any, Any, bool]]) -> bool:
        try:
            return await renew(self)
        finally:
            self._renewal = None

    async def wait_for_renewal(self) -> None:
        """Wait until no renewal is running."""
        while self._renewal is not None:
            await asyncio.shield(self._renewal)

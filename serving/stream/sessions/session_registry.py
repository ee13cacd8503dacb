"""The registry of the playback sessions that are active in this process.

While the lease of a session is known to be valid, a range request asks no other block. Sent bytes renew the
lease every third of its duration. Sessions that end in other processes are noticed every few seconds, and at
once by an event. A session that was joined without a start sends no heartbeat and no end: its slot is
released shortly after its last response, and the next request joins it again.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from math import ceil

from sqlalchemy.exc import SQLAlchemyError

from orchestration.contracts import Done, FileVersion, Release, Renewal, Slot, Source
from orchestration.registry import BlockDownError
from serving.http.errors import ApiError
from serving.stream.sessions.active_session import ActiveSession

# Seconds between two checks for sessions that ended in other processes.
CHECK_EVERY = 5.0
# The slot of a joined session is released after this many seconds without a response.
IDLE = 2.0
# The first byte of a session waits at most this many seconds for the database.
_VERSION_PATIENCE = 1.0
# While the database is down, each check holds the sessions for this many more seconds.
_HELD_WITHOUT_DATABASE = 4 * CHECK_EVERY

_UNAVAILABLE = (SQLAlchemyError, BlockDownError, OSError, TimeoutError)

_log = logging.getLogger(__name__)

Renew = Callable[[Renewal], Awaitable[Slot]]
ReleaseSlot = Callable[[Release], Awaitable[Done]]
ReadClosed = Callable[[list[uuid.UUID]], Awaitable[dict[uuid.UUID, ApiError | None]]]


class StreamWaitingError(ApiError):
    """The player waits for a slot. Repeating the request keeps its position in the queue."""

    status = 503
    code = "STREAM_WAITING"
    message = "All slots are in use: you are number 1 in the queue."

    def __init__(self, position: int, retry_after: float) -> None:
        super().__init__(
            f"All slots are in use: you are number {position} in the queue.",
            details={"position": position},
            headers={"retry-after": str(ceil(retry_after))},
        )


class SessionRegistry:
    """The active sessions of this process.

    `renew` and `release` ask block cache. `read_closed` returns the sessions that are not open, with the
    reason, or None if only their lease has expired.
    """

    def __init__(
        self,
        renew: Renew,
        release: ReleaseSlot,
        read_closed: ReadClosed,
        lease: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._renew, self._release, self._read_closed = renew, release, read_closed
        self._lease, self._clock = lease, clock
        self._known: dict[uuid.UUID, ActiveSession] = {}
        self._joined: dict[tuple[uuid.UUID, uuid.UUID], ActiveSession] = {}
        # Sessions that are no longer active here, but have unreported bytes.
        self._unreported: list[ActiveSession] = []

    def find(self, playback_id: uuid.UUID) -> ActiveSession | None:
        """Return the session if it is active in this process, or None."""
        return self._known.get(playback_id)

    def find_joined(self, login_session_id: uuid.UUID, content_id: uuid.UUID) -> ActiveSession | None:
        """Return the session of a title that a sign-in joined without naming it, or None."""
        return self._joined.get((login_session_id, content_id))

    def add(
        self, slot: Slot, source: Source, asked_at: float, login_session_id: uuid.UUID | None = None
    ) -> ActiveSession:
        """Add the session of a slot that was requested at `asked_at`. Raises `StreamWaitingError`."""
        if slot.position:
            raise _waiting(slot)
        joined = login_session_id is not None
        active = self._known.setdefault(
            slot.playback_id, ActiveSession(slot, source, asked_at, joined=joined)
        )
        active.hold_until(asked_at + slot.lease_seconds)
        if login_session_id is not None:
            self._joined[login_session_id, active.content_id] = active
        return active

    def holds(self, active: ActiveSession) -> bool:
        """Note that the session is in use, and return whether it is known to hold its slot."""
        now = self._clock()
        if active.over is not None or self._known.get(active.id) is not active:
            return False
        active.use(now)
        return active.is_held(now)

    async def hold(self, active: ActiveSession) -> None:
        """Ensure that the session holds its slot. Raises an error with the reason if it does not."""
        now = self._clock()
        active.use(now)
        if not active.is_held(now):
            await active.renew_once(self._renew_lease)
            active.use(now)

    async def store_version(self, active: ActiveSession, version: FileVersion) -> FileVersion:
        """Store the version of the file that a session plays, for all processes.

        Returns the version that was stored first, or the given one if the database is unavailable.
        """
        active.set_version(version)
        if not active.is_version_stored:
            with suppress(*_UNAVAILABLE):
                async with asyncio.timeout(_VERSION_PATIENCE):
                    slot = await self._renew(Renewal(active.id, active.user_id, version=version))
                active.set_stored_version(slot.version or version)
        return active.version or version

    async def finish(self, playback_id: uuid.UUID, why: ApiError) -> None:
        """End a session: cancel its responses and report its bytes."""
        if active := self._known.get(playback_id):
            self._remove(active, why)
            await self._report(active)

    async def _report(self, active: ActiveSession) -> None:
        """Report the bytes of a session that is no longer active, or later if the database is unavailable."""
        # A running renewal reports some of them.
        await active.wait_for_renewal()
        if not (sent := active.take_unreported()):
            return
        renewal = Renewal(active.id, active.user_id, sent, active.source.tier == "ssd", over=True)
        try:
            await self._renew(renewal)
        except ApiError as error:
            _log.warning("dropped %d unreported bytes of session %s: %s", sent, active.id, error)
        except (*_UNAVAILABLE, asyncio.CancelledError) as error:
            active.add_sent(sent)
            self._unreported.append(active)
            if isinstance(error, asyncio.CancelledError):
                raise

    async def _report_all(self) -> None:
        for active in list(self._unreported):
            self._unreported.remove(active)
            await self._report(active)

    async def close(self) -> None:
        """Report all sent bytes, unless that takes too long. The sessions continue in another process."""
        self._unreported += self._known.values()
        with suppress(*_UNAVAILABLE):
            async with asyncio.timeout(IDLE):
                await self._report_all()

    async def release_idle(self, user_id: uuid.UUID | None = None, idle: float = 0.0) -> bool:
        """Release the slots of joined sessions without a response for `idle` seconds.

        With `user_id`, only those of one account.

        Returns whether there were any. They can be joined again.
        """
        leaving = [
            active
            for active in self._joined.values()
            if user_id in (None, active.user_id) and active.is_idle(self._clock(), idle)
        ]
        for active in leaving:
            reported = not active.unreported or await active.renew_once(self._renew_lease)
            if reported and not active.unreported and active.is_idle(self._clock(), idle):
                self._remove(active, None)
                with suppress(ApiError):
                    await self._release(Release(active.user_id, active.id, "expired"))
        return bool(leaving)

    async def run_maintenance(self) -> None:
        """Maintain all sessions until the task is cancelled."""
        pause = min(IDLE / 2, self._lease / 6)
        while True:
            begun = self._clock()
            try:
                await self.maintain()
                while self._clock() - begun < min(CHECK_EVERY, self._lease / 3):
                    await asyncio.sleep(pause)
                    await self.release_idle(idle=IDLE)
            except Exception as error:  # noqa: BLE001 - the next check may succeed
                _log.warning("check of playback sessions failed: %s", str(error).partition("\n")[0])
                await asyncio.sleep(pause)

    async def check(self, ids: Iterable[uuid.UUID]) -> bool:
        """End the sessions among `ids` that are over. Returns False if the database is unavailable."""
        here = [each for each in ids if each in self._known]
        if not here:
            return True
        try:
            async with asyncio.timeout(CHECK_EVERY):
                found = await self._read_closed(here)
        except _UNAVAILABLE as error:
            _log.warning(
                "cannot check playback sessions, the database is unavailable: %s",
                str(error).partition("\n")[0],
            )
            for key in here:
                self._hold_without_database(self._known[key])
            return False
        for key, why in found.items():
            if (active := self._known.get(key)) is None:
                continue
            if why is None:
                active.expire()
                continue
            self._remove(active, why)
            await self._report(active)
        return True

    def expire(self, ids: Iterable[uuid.UUID]) -> None:
        """Send nothing more to these sessions until their leases have been renewed."""
        for active in filter(None, map(self._known.get, ids)):
            active.expire()

    async def check_all(self) -> bool:
        """End all sessions that are over. Returns False if the database is unavailable."""
        return await self.check(list(self._known))

    async def maintain(self) -> None:
        """End sessions that are over, renew those that received bytes, and remove expired ones."""
        await self._report_all()
        available = await self.check_all()
        for active in list(self._known.values()):
            now = self._clock()
            if available and active.unreported and now - active.renewed_at >= self._lease / 3:
                available = await active.renew_once(self._renew_lease)
            elif not active.is_sending and now >= active.held_until:
                self._remove(active, None)
                await self._report(active)

    async def _renew_lease(self, active: ActiveSession) -> bool:
        """Renew the lease and report the bytes. Returns False if the database is unavailable."""
        asked_at, sent = self._clock(), active.unreported
        try:
            slot = await self._renew(Renewal(active.id, active.user_id, sent, active.source.tier == "ssd"))
        except ApiError as error:
            self._remove(active, error)
            self._unreported.append(active)
        except _UNAVAILABLE as error:
            _log.warning("lease of session %s was not renewed: %s", active.id, str(error).partition("\n")[0])
            self._hold_without_database(active)
            return False
        else:
            active.renewed(asked_at, slot.lease_seconds, sent)
            if slot.position:
                self._remove(active, _waiting(slot))
        return True

    def _hold_without_database(self, active: ActiveSession) -> None:
        """Hold a session while the database is down: its slot cannot go to another session."""
        active.hold_until(self._clock() + _HELD_WITHOUT_DATABASE)

    def _remove(self, active: ActiveSession, why: ApiError | None) -> None:
        self._known.pop(active.id, None)
        for key in [key for key, joined in self._joined.items() if joined is active]:
            del self._joined[key]
        active.end(why)


def _waiting(slot: Slot) -> StreamWaitingError:
    return StreamWaitingError(slot.position, slot.lease_seconds / 3)

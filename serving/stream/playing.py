"""What this process knows of the sessions that play here: a range request of one costs no question to anybody.

A session is held as long as its lease is known to hold. Bytes that were sent renew it, every third of a lease; what ended
elsewhere is looked for every few seconds, and at once when somebody says so. Who asks for bytes without a start gives no
other sign of life, and no end: such a session is left a moment after its last response, and joined again by the next.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from orchestration.contracts import Done, FileVersion, Release, Renewal, Slot, Source
from orchestration.registry import BlockDownError
from serving.http.errors import ApiError
from serving.stream.errors import WaitingError
from serving.stream.reading import Seen

LOOK = 5.0  # seconds between two looks at what ended elsewhere
_NOTE = 1.0  # seconds that the first byte of a session waits for the database
IDLE = 2.0  # seconds without a response after which a session that was joined without a start gives its slot back
_PATIENCE = 4 * LOOK  # seconds that a session is held on while the database is away; each look holds it anew

_AWAY = (SQLAlchemyError, BlockDownError, OSError, TimeoutError)

_log = logging.getLogger(__name__)

Renew = Callable[[Renewal], Awaitable[Slot]]
Leave = Callable[[Release], Awaitable[Done]]
Look = Callable[[list[uuid.UUID]], Awaitable[dict[uuid.UUID, ApiError | None]]]


class Playing:
    """A session that plays here. `over`: why it does not any more.

    `held_until` is in this process's own time, counted from before the lease was asked for: it never outlasts the
    database's.
    """

    def __init__(self, slot: Slot, source: Source, asked_at: float) -> None:
        self.id, self.content_id, self.user_id = slot.playback_id, slot.content_id, slot.user_id
        self.source = source
        self.renewed_at = self.used_at = asked_at
        self.held_until = asked_at + slot.lease_seconds
        self.unreported = 0  # bytes that were sent since the last renewal
        self.started = True  # by its player; else it was joined by who asked for bytes
        self.seen: Seen | None = None  # its file, when it was opened last
        # Of its file; the session never gets bytes of another version.
        self.version: FileVersion | None = slot.version
        # In the database, for other processes.
        self.is_noted = slot.version is not None
        self.over: ApiError | None = None
        self.sending: set[asyncio.Task[None]] = set()
        self.renewing: asyncio.Task[bool] | None = None

    def end(self, why: ApiError) -> None:
        """End its responses, too."""
        self.over = why
        for task in self.sending:
            task.cancel()


class NowPlaying:
    """All sessions that play in this process.

    `renew` and `leave` ask block cache; `look` answers for those of the sessions that are not open any more why that is,
    or None when they were only not seen for too long.
    """

    def __init__(
        self,
        renew: Renew,
        leave: Leave,
        look: Look,
        lease: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._renew, self._leave, self._look = renew, leave, look
        self._lease, self._clock = lease, clock
        self._known: dict[uuid.UUID, Playing] = {}
        self._untold: list[Playing] = []  # of these not all bytes are known, and they play here no more
        self._joined: dict[tuple[uuid.UUID, uuid.UUID], Playing] = {}

    def find(self, playback_id: uuid.UUID) -> Playing | None:
        """The session, if it plays here."""
        return self._known.get(playback_id)

    def find_joined(self, login_session_id: uuid.UUID, content_id: uuid.UUID) -> Playing | None:
        """The session of a title that a sign-in joined without naming it."""
        return self._joined.get((login_session_id, content_id))

    def add(
        self, slot: Slot, source: Source, asked_at: float, login_session_id: uuid.UUID | None = None
    ) -> Playing:
        """A session plays here from now on; its slot was asked for at `asked_at`. Raises `WaitingError`."""
        if slot.position:
            raise self._waiting(slot)
        playing = self._known.get(slot.playback_id)
        if playing is None:
            playing = self._known[slot.playback_id] = Playing(slot, source, asked_at)
            playing.started = login_session_id is None
        playing.held_until = max(playing.held_until, asked_at + slot.lease_seconds)
        if login_session_id is not None:
            self._joined[login_session_id, playing.content_id] = playing
        return playing

    def holds(self, playing: Playing) -> bool:
        """Whether the session, which is in use, holds its slot, as far as is known without asking."""
        playing.used_at = self._clock()
        known = playing.over is None and self._known.get(playing.id) is playing
        return known and playing.used_at < playing.held_until

    async def hold(self, playing: Playing) -> None:
        """Answers once the session holds its slot; raises why it does not."""
        playing.used_at = self._clock()
        if playing.over is not None:
            raise playing.over
        if playing.used_at >= playing.held_until:
            await self._renew_once(playing)
            if playing.over is not None:
                raise playing.over

    async def note(self, playing: Playing, version: FileVersion) -> FileVersion:
        """Record the version of its file that a session plays, for all processes. Returns the version that
        was recorded first, or the given one while the database does not respond."""
        if playing.version is None or playing.version.ctime_ns is None:
            playing.version = version
        if not playing.is_noted:
            with suppress(*_AWAY):
                async with asyncio.timeout(_NOTE):
                    slot = await self._renew(Renewal(playing.id, playing.user_id, version=version))
                playing.is_noted, playing.version = True, slot.version or version
        return playing.version

    async def finish(self, playback_id: uuid.UUID, why: ApiError) -> None:
        """A session is over: nothing more is sent, and what was is told."""
        if playing := self._known.get(playback_id):
            self._drop(playing, why)
            await self._tell(playing)

    async def _tell(self, playing: Playing) -> None:
        """What was sent of a session that plays here no more; later, where the database does not answer."""
        while playing.renewing is not None:  # which tells of some
            await asyncio.shield(playing.renewing)
        sent, playing.unreported = playing.unreported, 0  # nobody else is to tell of these
        if not sent:
            return
        from_copy = playing.source.tier == "ssd"
        try:
            await self._renew(Renewal(playing.id, playing.user_id, sent, from_copy, over=True))
        except ApiError as error:
            _log.warning("%d bytes of a session are of nobody: %s", sent, error)
        except (*_AWAY, asyncio.CancelledError) as error:
            playing.unreported += sent
            self._untold.append(playing)
            if isinstance(error, asyncio.CancelledError):
                raise

    async def _tell_all(self) -> None:
        for playing in list(self._untold):
            self._untold.remove(playing)
            await self._tell(playing)

    async def close(self) -> None:
        """Tell of all bytes that were sent, as far as that takes no long time: sessions go on in another process."""
        self._untold += self._known.values()
        with suppress(*_AWAY):
            async with asyncio.timeout(IDLE):
                await self._tell_all()

    async def leave_idle(self, user_id: uuid.UUID | None = None, idle: float = 0.0) -> bool:
        """Give back the slots of sessions that were joined and have no response for so long; whether there were any.

        Such a session may be joined again. `user_id`: of this person alone.
        """
        leaving = [
            playing
            for playing in self._joined.values()
            if user_id in (None, playing.user_id) and self._is_idle(playing, idle)
        ]
        for playing in leaving:
            told = not playing.unreported or await self._renew_once(playing)
            if told and not playing.unreported and self._is_idle(playing, idle):
                self._drop(playing, None)
                with suppress(ApiError):
                    await self._leave(Release(playing.user_id, playing.id, "expired"))
        return bool(leaving)

    def _is_idle(self, playing: Playing, idle: float) -> bool:
        return not (playing.started or playing.sending) and self._clock() - playing.used_at >= idle

    async def watch(self) -> None:
        """Look after all sessions, for ever."""
        pause = min(IDLE / 2, self._lease / 6)
        while True:
            begun = self._clock()
            try:
                await self.look_after()
                while self._clock() - begun < min(LOOK, self._lease / 3):
                    await asyncio.sleep(pause)
                    await self.leave_idle(idle=IDLE)
            except Exception as error:  # noqa: BLE001 - one look that failed says nothing of the next
                _log.warning("a look at what plays failed: %s", str(error).partition("\n")[0])
                await asyncio.sleep(pause)

    async def look_at(self, ids: Iterable[uuid.UUID]) -> bool:
        """Find out which of these are over; False: the database does not answer."""
        here = [each for each in ids if each in self._known]
        if not here:
            return True
        try:
            async with asyncio.timeout(LOOK):
                found = await self._look(here)
        except _AWAY as error:
            _log.warning("whether sessions are over is not known: %s", str(error).partition("\n")[0])
            for key in here:
                self._hold_on(self._known[key])
            return False
        for key, why in found.items():
            if (playing := self._known.get(key)) is None:
                continue
            if why is None:
                playing.held_until = 0.0  # whose next byte needs a slot again
                continue
            self._drop(playing, why)
            await self._tell(playing)
        return True

    def doubt(self, ids: Iterable[uuid.UUID]) -> None:
        """Somebody says that these are over: nothing more is sent to them before the lease was asked for anew."""
        for playing in filter(None, map(self._known.get, ids)):
            playing.held_until = 0.0

    async def look_at_all(self) -> bool:
        """Find out which of all are over."""
        return await self.look_at(list(self._known))

    async def look_after(self) -> None:
        """End what is over, renew what bytes flowed to, forget what has gone."""
        await self._tell_all()
        answers = await self.look_at_all()
        for playing in list(self._known.values()):
            now = self._clock()
            if answers and playing.unreported and now - playing.renewed_at >= self._lease / 3:
                answers = await self._renew_once(playing)
            elif not playing.sending and now >= playing.held_until:
                self._drop(playing, None)
                await self._tell(playing)

    async def _renew_once(self, playing: Playing) -> bool:
        """Renew, or wait for the renewal that is at it; False: the database does not answer."""
        if playing.renewing is None:
            playing.renewing = asyncio.create_task(self._renewed(playing))
        return await asyncio.shield(playing.renewing)

    async def _renewed(self, playing: Playing) -> bool:
        asked_at, sent = self._clock(), playing.unreported
        try:
            slot = await self._renew(Renewal(playing.id, playing.user_id, sent, playing.source.tier == "ssd"))
        except ApiError as error:
            self._drop(playing, error)
            self._untold.append(playing)
        except _AWAY as error:
            _log.warning("a lease was not renewed: %s", str(error).partition("\n")[0])
            self._hold_on(playing)
            return False
        else:
            playing.unreported -= sent
            playing.renewed_at, playing.held_until = asked_at, asked_at + slot.lease_seconds
            if slot.position:
                self._drop(playing, self._waiting(slot))
        finally:
            playing.renewing = None
        return True

    def _hold_on(self, playing: Playing) -> None:
        """While the database is away nobody else gets the slot, nor for a lease's time after that."""
        playing.held_until = max(playing.held_until, self._clock() + _PATIENCE)

    def _drop(self, playing: Playing, why: ApiError | None) -> None:
        self._known.pop(playing.id, None)
        playing.held_until = 0.0
        for key in [key for key, joined in self._joined.items() if joined is playing]:
            del self._joined[key]
        if why is not None:
            playing.end(why)

    def _waiting(self, slot: Slot) -> WaitingError:
        return WaitingError(slot.position, slot.lease_seconds / 3)

"""Whether a request may have a title's bytes: who asks, and the playback session that they flow to."""

from __future__ import annotations

import logging
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from orchestration.contracts import (
    ADMIT,
    LOCATE,
    RELEASE,
    RENEW,
    Admission,
    Credentials,
    FileVersion,
    Release,
    Renewal,
    Source,
    Viewer,
    Wanted,
)
from orchestration.registry import BlockDownError
from serving.http.errors import ApiError
from serving.stream.errors import UrlForeignError, UrlInvalidError
from serving.stream.playing import Playing
from serving.stream.reading import FileReplacedError
from serving.stream.signing import Grant, read
from serving.stream.state import StreamState
from serving.titles.playback_errors import PlaybackEndedError, StreamLimitError

_log = logging.getLogger(__name__)


class SessionOverError(Exception):
    """The session was ended because its file was replaced; `told` as in `FileReplacedError`."""

    def __init__(self, told: bool) -> None:
        super().__init__("the file was replaced")
        self.told = told


@dataclass(frozen=True, slots=True)
class Access:
    """Who asks for which title: by a playback URL's grant, or signed in."""

    state: StreamState
    content_id: uuid.UUID
    by: Grant | Viewer

    def playing(self) -> Playing | None:
        """The session, if it plays in this process."""
        now_playing = self.state.now_playing
        if isinstance(self.by, Grant):
            return now_playing.find(self.by.playback_id)
        return now_playing.find_joined(self.by.session_id, self.content_id)

    async def locate(self) -> Source:
        """Where the bytes are. Raises what block cache answers with."""
        return await self.state.context.registry.ask(LOCATE, Wanted(self.content_id))

    async def check(self) -> None:
        """Raises where the session of a playback URL is over."""
        if isinstance(self.by, Grant):
            over = await self.state.look([self.by.playback_id])
            if why := over.get(self.by.playback_id):
                raise why

    async def note(self, playing: Playing, version: FileVersion) -> None:
        """Record the version of its file that a session plays.

        Raises `FileReplacedError` if it began with another.
        """
        noted = await self.state.now_playing.note(playing, version)
        if not noted.same_bytes(version):
            raise FileReplacedError(noted, version)

    async def end_changed(self, playing: Playing) -> None:
        """End a session whose file was replaced; in all processes, if the database responds."""
        _log.warning("ended session %s: its file was replaced during playback", playing.id)
        with suppress(ApiError, BlockDownError, SQLAlchemyError, OSError):
            release = Release(playing.user_id, playing.id, "changed")
            await self.state.context.registry.ask(RELEASE, release)
        await self.state.now_playing.finish(playing.id, PlaybackEndedError("changed"))

    async def admitted(self, source: Source, device: str) -> Playing:
        """The session of a playback URL, or one of this title and sign-in, with a slot; raises why there is none."""
        asked_at, ask = time.monotonic(), self.state.context.registry.ask
        if isinstance(self.by, Grant):
            slot = await ask(RENEW, Renewal(self.by.playback_id, self.by.user_id))
            return self.state.now_playing.add(slot, source, asked_at)
        wish = Admission(self.by, self.content_id, device, join=True)
        try:
            slot = await ask(ADMIT, wish)
        except StreamLimitError:
            if not await self.state.now_playing.leave_idle(self.by.user_id):
                raise
            slot = await ask(ADMIT, wish)
        return self.state.now_playing.add(slot, source, asked_at, self.by.session_id)


async def access(
    state: StreamState, content_id: uuid.UUID, signature: str | None, shown: Credentials
) -> Access:
    """Who asks. A playback URL needs no token; one that comes with it must not be another person's.

    Raises `UrlInvalidError`, `UrlForeignError`, and what block auth answers with.
    """
    if signature is None:
        return Access(state, content_id, await state.callers.identify(shown))
    grant = read(signature, state.key, time.time())
    if grant is None:
        raise UrlInvalidError
    if grant.content_id != content_id or await _is_another(state, grant, shown):
        raise UrlForeignError
    return Access(state, content_id, grant)


async def _is_another(state: StreamState, grant: Grant, shown: Credentials) -> bool:
    if shown.token is None:
        return False
    try:
        viewer = await state.callers.identify(shown)
    except (ApiError, BlockDownError, SQLAlchemyError):
        return False  # a film outlasts the cookie that a browser sends along
    return viewer.user_id != grant.user_id

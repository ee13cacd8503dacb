"""Access of a request to the bytes of a title: its viewer and its playback session."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from contextlib import AbstractContextManager, suppress
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
from serving.stream.responses.files import FileReplacedError
from serving.stream.sessions.active_session import ActiveSession
from serving.stream.sessions.playback_urls import PlaybackGrant, UrlForeignError, UrlInvalidError, read
from serving.stream.sessions.state import StreamState
from serving.titles.playback_errors import PlaybackEndedError, StreamLimitError

_log = logging.getLogger(__name__)


class SessionEndedError(Exception):
    """The session ended because its file was replaced. `tag_changed` is as in `FileReplacedError`."""

    def __init__(self, tag_changed: bool) -> None:
        super().__init__("the file was replaced")
        self.tag_changed = tag_changed


@dataclass(frozen=True, slots=True)
class SessionRecipient:
    """The playback session that receives the bytes of a response."""

    state: StreamState
    active: ActiveSession

    @property
    def version(self) -> FileVersion | None:
        """Return the version of the file that the session plays."""
        return self.active.version

    def count(self, sent: int, tier: str) -> None:
        """Count bytes for the session and for the metrics."""
        self.active.add_sent(sent)
        self.state.context.metrics.sent(tier, sent)

    def switch_to(self, source: Source) -> None:
        """Continue the response from another source."""
        self.active.switch_to(source)

    def sending(self, task: asyncio.Task[None]) -> AbstractContextManager[None]:
        """Cancel the task if the session ends while the context is open."""
        return self.active.sending(task)

    async def may_continue(self) -> bool:
        """Return whether the session holds its slot. Renews its lease if necessary."""
        try:
            await self.state.sessions.hold(self.active)
        except ApiError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Access:
    """The access of a request to a title, by the grant of a playback URL or by a sign-in."""

    state: StreamState
    content_id: uuid.UUID
    by: PlaybackGrant | Viewer

    def active_session(self) -> ActiveSession | None:
        """Return the session if it is active in this process, or None."""
        sessions = self.state.sessions
        if isinstance(self.by, PlaybackGrant):
            return sessions.find(self.by.playback_id)
        return sessions.find_joined(self.by.session_id, self.content_id)

    async def locate(self) -> Source:
        """Return the source of the bytes. Raises the errors of block cache."""
        return await self.state.context.registry.ask(LOCATE, Wanted(self.content_id))

    async def check(self) -> None:
        """Raise an error if the session of a playback URL has ended."""
        if isinstance(self.by, PlaybackGrant):
            over = await self.state.read_closed([self.by.playback_id])
            if why := over.get(self.by.playback_id):
                raise why

    async def store_version(self, active: ActiveSession, version: FileVersion) -> None:
        """Store the version of the file that a session plays.

        Raises `FileReplacedError` if the session began with another version.
        """
        stored = await self.state.sessions.store_version(active, version)
        if not stored.same_bytes(version):
            raise FileReplacedError(stored, version)

    async def end_changed(self, active: ActiveSession) -> None:
        """End a session whose file was replaced, in all processes if the database responds."""
        _log.warning("ended session %s: its file was replaced during playback", active.id)
        with suppress(ApiError, BlockDownError, SQLAlchemyError, OSError):
            release = Release(active.user_id, active.id, "changed")
            await self.state.context.registry.ask(RELEASE, release)
        await self.state.sessions.finish(active.id, PlaybackEndedError("changed"))

    async def admit(self, source: Source, device: str) -> ActiveSession:
        """Return the session of the playback URL, or one of this title and sign-in.

        Raises an error with the reason if it gets no slot.
        """
        asked_at, ask = time.monotonic(), self.state.context.registry.ask
        if isinstance(self.by, PlaybackGrant):
            slot = await ask(RENEW, Renewal(self.by.playback_id, self.by.user_id))
            return self.state.sessions.add(slot, source, asked_at)
        wanted = Admission(self.by, self.content_id, device, join=True)
        try:
            slot = await ask(ADMIT, wanted)
        except StreamLimitError:
            if not await self.state.sessions.release_idle(self.by.user_id):
                raise
            slot = await ask(ADMIT, wanted)
        return self.state.sessions.add(slot, source, asked_at, self.by.session_id)


async def find_access(
    state: StreamState, content_id: uuid.UUID, signature: str | None, credentials: Credentials
) -> Access:
    """Return the access of a request.

    Raises `UrlInvalidError`, `UrlForeignError` and the errors of block auth.

    A playback URL needs no token. A token that is sent with it must belong to the same account.
    """
    if signature is None:
        return Access(state, content_id, await state.viewers.identify(credentials))
    grant = read(signature, state.key, time.time())
    if grant is None:
        raise UrlInvalidError
    if grant.content_id != content_id or await _is_of_another_account(state, grant, credentials):
        raise UrlForeignError
    return Access(state, content_id, grant)


async def _is_of_another_account(state: StreamState, grant: PlaybackGrant, credentials: Credentials) -> bool:
    if credentials.token is None:
        return False
    try:
        viewer = await state.viewers.identify(credentials)
    except (ApiError, BlockDownError, SQLAlchemyError):
        # The cookie of a browser may expire during playback.
        return False
    return viewer.user_id != grant.user_id

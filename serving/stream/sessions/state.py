"""The state of block stream."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Awaitable, Callable, Collection
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from orchestration.contracts import AUTHENTICATE, RELEASE, RENEW, Credentials, Viewer
from orchestration.events import Event, StreamEvent, UserEvent
from serving.http.errors import ApiError, AuthRequiredError
from serving.kernel.context import Context
from serving.stream.responses.roots import RootReaders
from serving.stream.sessions.queries import read_closed
from serving.stream.sessions.redirects import Redirects
from serving.stream.sessions.session_registry import SessionRegistry

# A viewer is cached for this many seconds. A seeking player may not notice a sign-out for that long.
_REMEMBERED = 5.0
_MOST = 10_000

Authenticate = Callable[[Credentials], Awaitable[Viewer]]


class ViewerCache:
    """Caches the viewer of a token briefly, because a player that seeks sends the same token many times."""

    def __init__(self, authenticate: Authenticate, clock: Callable[[], float] = time.monotonic) -> None:
        self._authenticate, self._clock = authenticate, clock
        self._known: dict[bytes, tuple[float, Viewer | AuthRequiredError]] = {}

    async def identify(self, credentials: Credentials) -> Viewer:
        """Return the viewer of these credentials. Raises the errors of block auth."""
        if credentials.token is None:
            return await self._authenticate(credentials)
        key = hashlib.sha256(credentials.token.encode("utf-8", "surrogateescape")).digest()
        until, found = self._known.get(key, (0.0, None))
        if found is None or self._clock() >= until:
            found = await self._ask(credentials)
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = (self._clock() + _REMEMBERED, found)
        if isinstance(found, AuthRequiredError):
            raise found.with_traceback(None)
        return found

    async def _ask(self, credentials: Credentials) -> Viewer | AuthRequiredError:
        try:
            return await self._authenticate(credentials)
        except AuthRequiredError as error:
            return error

    def forget(self, user_id: uuid.UUID) -> None:
        """Forget all tokens of an account."""
        for key in [
            key for key, (_, found) in self._known.items() if getattr(found, "user_id", None) == user_id
        ]:
            del self._known[key]


class StreamState:
    """The state that the routes of the block share. `key` signs playback URLs."""

    def __init__(self, context: Context, key: bytes) -> None:
        self.context, self.key, self.readers = context, key, RootReaders()
        ask, lease = context.registry.ask, context.settings.stream_lease_seconds
        self.viewers = ViewerCache(partial(ask, AUTHENTICATE))
        self.sessions = SessionRegistry(partial(ask, RENEW), partial(ask, RELEASE), self.read_closed, lease)
        self.redirects = Redirects(self.sessions, context.metrics)

    async def read_closed(self, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, ApiError | None]:
        """Return the sessions that are not open, as the query with the same name does."""
        async with AsyncSession(self.context.resources.engine) as session:
            return await read_closed(session, ids)

    async def on_event(self, event: Event) -> None:
        """Check sessions after one ended in any process, or an account changed."""
        if isinstance(event, UserEvent | StreamEvent):
            self.viewers.forget(event.user_id)
        if isinstance(event, StreamEvent):
            self.sessions.expire([event.playback_id])
            await self.sessions.check([event.playback_id])
        else:
            await self.sessions.check_all()

    async def after_gap(self) -> None:
        """Check all sessions after events may have been missed."""
        await self.sessions.check_all()

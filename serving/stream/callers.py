"""Whose bytes a request asks for: who signed in, or whoever a playback URL was made for."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Awaitable, Callable

from orchestration.contracts import Credentials, Viewer
from serving.http.errors import AuthRequiredError

_KNOWN_FOR = 5.0  # seconds: what a sign-out takes at most to be noticed by those who seek
_MOST = 10_000

Authenticate = Callable[[Credentials], Awaitable[Viewer]]


class Callers:
    """Remembers for a moment whose a token is: a player that seeks shows the same one a hundred times."""

    def __init__(self, authenticate: Authenticate, clock: Callable[[], float] = time.monotonic) -> None:
        self._authenticate, self._clock = authenticate, clock
        self._known: dict[bytes, tuple[float, Viewer | AuthRequiredError]] = {}

    async def identify(self, shown: Credentials) -> Viewer:
        """Who shows these. Raises what block auth answers with."""
        if shown.token is None:
            return await self._authenticate(shown)
        key = hashlib.sha256(shown.token.encode("utf-8", "surrogateescape")).digest()
        until, found = self._known.get(key, (0.0, None))
        if found is None or self._clock() >= until:
            found = await self._ask(shown)
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = (self._clock() + _KNOWN_FOR, found)
        if isinstance(found, AuthRequiredError):
            raise found.with_traceback(None)
        return found

    async def _ask(self, shown: Credentials) -> Viewer | AuthRequiredError:
        try:
            return await self._authenticate(shown)
        except AuthRequiredError as error:
            return error

    def forget(self, user_id: uuid.UUID) -> None:
        """Something of this person ended; whether the sign-in did is asked anew."""
        for key in [
            key for key, (_, found) in self._known.items() if getattr(found, "user_id", None) == user_id
        ]:
            del self._known[key]

"""Repetition of redirects to nginx, for players that seek.

If a request was redirected to nginx a moment ago, a request for another range of the same file is redirected
as well. That takes a fifth of the time of a request that passes through the whole application.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from orchestration.contracts import Source
from serving.http.dates import format_http_date
from serving.http.headers import with_defaults
from serving.http.ranges import select_spans
from serving.kernel.metrics import Metrics
from serving.stream.responses.files import SNAPSHOT_SECONDS, FileSnapshot
from serving.stream.responses.nginx import MOST, OFFER, PLAIN_RANGE
from serving.stream.sessions.active_session import ActiveSession
from serving.stream.sessions.session_registry import SessionRegistry

_CREDENTIALS = frozenset([b"authorization", b"cookie"])
_MOST_KNOWN = 10_000

Headers = Sequence[tuple[bytes, bytes]]
# The path, query and credentials of a request.
_Key = tuple[bytes, bytes, tuple[tuple[bytes, bytes], ...]]


@dataclass(frozen=True, slots=True)
class Redirect:
    """A redirect to nginx: its session, its file, and its headers except the date."""

    active: ActiveSession
    source: Source
    seen: FileSnapshot
    headers: Headers
    route: object

    def length_of(self, wanted: str, now: float) -> int:
        """Return the length of this range, or 0 if nginx may not send it or the snapshot is old."""
        if not 0 <= now - self.seen.at < SNAPSHOT_SECONDS:
            return 0
        spans = select_spans(wanted, self.seen.resource.size)
        length = spans[0].length if spans else 0
        return length if length <= MOST else 0


class Redirects:
    """The redirects of the last seconds.

    They are repeated for requests with the same path, query and credentials, one range and no preconditions.
    Each time, the session must still hold its slot.
    """

    def __init__(self, sessions: SessionRegistry, metrics: Metrics) -> None:
        self._sessions, self._metrics = sessions, metrics
        self._known: dict[_Key, Redirect] = {}

    def keep(
        self, scope: Scope, headers: Headers, active: ActiveSession, source: Source, seen: FileSnapshot
    ) -> None:
        """Keep the redirect of a request."""
        if (found := _read(scope)) is None:
            return
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        sent = with_defaults(headers, scope["path"], 206)
        self._known[found[0]] = Redirect(active, source, seen, sent, scope["route"])

    async def repeat(self, scope: Scope, send: Send) -> bool:
        """Repeat the last redirect for a request.

        Returns False, without sending anything, if that is not possible.
        """
        if not self._known or (found := _read(scope)) is None:
            return False
        key, wanted = found
        if (known := self._known.get(key)) is None:
            return False
        now, began = time.time(), time.perf_counter()
        length = known.length_of(wanted, now) if self._sessions.holds(known.active) else 0
        if not length:
            del self._known[key]
            return False
        scope["route"] = known.route
        dated = [*known.headers, (b"date", format_http_date(int(now)).encode())]
        await send({"type": "http.response.start", "status": 206, "headers": dated})
        await send({"type": "http.response.body", "body": b""})
        known.active.add_sent(length)
        self._metrics.sent(known.source.tier, length)
        self._metrics.count_response(scope, 206, time.perf_counter() - began)
        return True


class RedirectMiddleware:
    """Repeats redirects before any other middleware sees the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            stream: Any = scope.get("state", {}).get("blocks", {}).get("stream")
            if stream is not None and await stream.state.redirects.repeat(scope, send):
                return
        await self._app(scope, receive, send)


def _read(scope: Scope) -> tuple[_Key, str] | None:
    """Return the key and the range of a request, or None if its redirect cannot be repeated."""
    ranges: list[str] = []
    credentials: list[tuple[bytes, bytes]] = []
    offered = False
    for name, value in scope["headers"]:
        if name == b"range":
            ranges.append(value.decode("latin-1"))
        elif name in _CREDENTIALS:
            credentials.append((name, value))
        elif name.startswith(b"if-"):
            return None
        elif name == OFFER[0]:
            offered = value == OFFER[1]
    if not offered or len(ranges) != 1 or not PLAIN_RANGE.fullmatch(ranges[0]):
        return None
    return (scope["raw_path"], scope["query_string"], tuple(credentials)), ranges[0]

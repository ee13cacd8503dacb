"""A lane for players that seek: what was left to nginx a moment ago is left to it again, for another range."""

from __future__ import annotations

import time
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestration.contracts import Source
from serving.http.dates import format_http_date
from serving.http.ranges import select_spans
from serving.stream.accel import MOST, OFFER, PLAIN_RANGE
from serving.stream.playing import Playing
from serving.stream.reading import LATELY, Seen
from serving.stream.response import count
from serving.stream.state import StreamState

_CREDENTIALS = frozenset([b"authorization", b"cookie"])
_MOST_KNOWN = 10_000

_Headers = list[tuple[bytes, bytes]]
_Key = tuple[bytes, bytes, tuple[tuple[bytes, bytes], ...]]  # path, query, credentials


@dataclass(frozen=True, slots=True)
class Left:
    """An answer that was left to nginx: of which session, and what its file was like. The route puts it into the request's
    state."""

    state: StreamState
    playing: Playing
    source: Source
    seen: Seen

    def length_of(self, wanted: str, now: float) -> int:
        """Bytes of this range, if it would be left to nginx as well without another look at anything; 0: ask anew."""
        if not 0 <= now - self.seen.at < LATELY or not self.state.now_playing.holds(self.playing):
            return 0
        spans = select_spans(wanted, self.seen.resource.size)
        length = spans[0].length if spans else 0
        return length if length <= MOST else 0


class Lane:
    """Asks the application once in two seconds, and answers by itself what differs from that in its range alone.

    Address, query, credentials are the same, and so is all that follows from them; that the session still holds its
    place is looked at each time. What has a precondition is always asked.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._known: dict[_Key, tuple[Left, _Headers, object]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or (found := _read(scope)) is None:
            await self._app(scope, receive, send)
            return
        key, wanted = found
        if key in self._known and await self._answered(scope, send, key, wanted):
            return

        async def overheard(message: Message) -> None:
            left = scope.get("state", {}).get("left")
            if message["type"] == "http.response.start" and left is not None:
                self._keep(key, left, message["headers"], scope["route"])
            await send(message)

        await self._app(scope, receive, overheard)

    def _keep(self, key: _Key, left: Left, headers: _Headers, route: object) -> None:
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[key] = (left, [header for header in headers if header[0] != b"date"], route)

    async def _answered(self, scope: Scope, send: Send, key: _Key, wanted: str) -> bool:
        now, began = time.time(), time.perf_counter()
        left, headers, scope["route"] = self._known[key]
        length = left.length_of(wanted, now)
        if not length:
            del self._known[key]
            return False
        dated = [*headers, (b"date", format_http_date(int(now)).encode())]
        await send({"type": "http.response.start", "status": 206, "headers": dated})
        await send({"type": "http.response.body", "body": b""})
        count(length, left.source, left.state, left.playing)
        left.state.context.measures.answered(scope, 206, time.perf_counter() - began)
        return True


def _read(scope: Scope) -> tuple[_Key, str] | None:
    """What a request is known by, and its range; None where it says more than that, or nginx makes no offer."""
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

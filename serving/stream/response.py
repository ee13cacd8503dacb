"""Sending a file's bytes in pieces, to a client that may be slow, stall or leave."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from serving.files import FileChangedError, OpenFile
from serving.session import Resources
from serving.stream.plan import Plan
from serving.stream.ranges import Span

PIECE = 512 * 1024  # bytes read at once; a stalled reader holds one or two of them in memory

_log = logging.getLogger(__name__)


class PiecesResponse(Response):
    """The answer that was planned; it owns the file and closes it, however the sending ends."""

    def __init__(self, plan: Plan, file: OpenFile, resources: Resources, name: str) -> None:
        super().__init__(status_code=plan.status, headers=plan.headers)
        self._plan = plan
        self._file = file
        self._resources = resources
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            await send(start)
            if scope["method"] == "HEAD" or not self._plan.body:
                await send({"type": "http.response.body", "body": b""})
            else:
                await _unless_gone(self._send_body(send), receive)
        finally:
            # In a thread, for a hung archive blocks closing as well.
            self._resources.readers.submit(self._file.close)

    async def _send_body(self, send: Send) -> None:
        left = int(self.headers["content-length"])
        for piece in _pieces(self._plan.body):
            data = piece if isinstance(piece, bytes) else await self._read(piece)
            if data is None:
                return  # less than was promised: the server closes the connection, and the client knows
            left -= len(data)
            await send({"type": "http.response.body", "body": data, "more_body": left > 0})

    async def _read(self, span: Span) -> bytes | None:
        try:
            return await self._resources.in_thread(self._file.read, span.first, span.length)
        except FileChangedError:
            _log.warning("%r changed while it was streamed; the stream ends here", self._name)
        except OSError as error:
            _log.warning("%r cannot be read any more (%s); the stream ends here", self._name, error.strerror)
        return None


def _pieces(body: tuple[Span | bytes, ...]) -> Iterator[Span | bytes]:
    for part in body:
        if isinstance(part, bytes):
            yield part
        else:
            for first in range(part.first, part.last + 1, PIECE):
                yield Span(first, min(first + PIECE - 1, part.last))


async def _unless_gone(body: Coroutine[Any, Any, None], receive: Receive) -> None:
    """Send until all is sent or the client has left, which `send` alone does not tell."""
    sending = asyncio.create_task(body)
    leaving = asyncio.create_task(_disconnected(receive))
    try:
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if sending.done():
            sending.result()
    finally:
        sending.cancel()
        leaving.cancel()
        await asyncio.gather(sending, leaving, return_exceptions=True)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

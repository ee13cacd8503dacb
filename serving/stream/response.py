"""Sending a file's bytes in pieces, to a client that may be slow, stall or leave."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from orchestration.breaker import UnavailableError
from orchestration.contracts import Source
from orchestration.storage import FileChangedError, OpenFile
from serving.http.errors import ApiError
from serving.http.ranges import Span
from serving.stream.plan import Plan
from serving.stream.playing import Playing
from serving.stream.reading import FileReplacedError, Prepared, open_version
from serving.stream.state import StreamState

PIECE = 512 * 1024  # bytes read at once; a stalled reader holds one or two of them in memory

_log = logging.getLogger(__name__)


def answer(prepared: Prepared, source: Source, state: StreamState, playing: Playing | None) -> Response:
    """What was prepared, to be sent; its bytes flow to the session."""
    if prepared.file is None or playing is None:
        return ShortResponse(prepared, source, state, playing)
    return PiecesResponse(prepared.plan, prepared.file, source, state, playing)


class ShortResponse(Response):
    """An answer that was read as a whole, has no body, or leaves it to nginx."""

    def __init__(
        self, prepared: Prepared, source: Source, state: StreamState, playing: Playing | None
    ) -> None:
        super().__init__(status_code=prepared.plan.status, headers=prepared.plan.headers)
        self.body, self._left = prepared.body, prepared.plan.left
        self._source, self._state, self._playing = source, state, playing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Counted first: who has read it may end the session at once.
        if self._playing is not None and (sent := len(self.body) + self._left):
            count(sent, self._source, self._state, self._playing)
        await super().__call__(scope, receive, send)


def count(sent: int, source: Source, state: StreamState, playing: Playing) -> None:
    """So many bytes left for a session, from where they lie."""
    playing.unreported += sent
    state.context.measures.sent(source.tier, sent)


class PiecesResponse(Response):
    """An answer that is read while it is sent; it owns the file and closes it, however the sending ends.

    The session that the bytes flow to holds its slot while they do.
    """

    def __init__(
        self, plan: Plan, file: OpenFile, source: Source, state: StreamState, playing: Playing
    ) -> None:
        super().__init__(status_code=plan.status, headers=plan.headers)
        self._plan, self._file, self._source = plan, file, source
        self._state, self._playing = state, playing
        self._gone = False  # the client has left

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        try:
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            await self._unless_gone(self._send_body(send, self._playing), receive)
        finally:
            if self._file.tells_cached:
                self._file.close()
            else:  # in a thread, for a hung archive blocks closing as well
                self._state.readers.leave(self._source.root, self._file.close)

    async def _send_body(self, send: Send, playing: Playing) -> None:
        left = self._plan.length
        for piece in _pieces(self._plan.body):
            await asyncio.sleep(0)  # others' turn: a client that is fast enough never lets `send` wait
            if self._gone:  # whose slot is not to be asked for again
                return
            data = piece if isinstance(piece, bytes) else await self._read(piece)
            if data is None or not await self._may_go_on(playing):
                return  # less than was promised: the server closes the connection, and the client knows
            left -= len(data)
            count(len(data), self._source, self._state, playing)
            await send({"type": "http.response.body", "body": data, "more_body": left > 0})

    async def _unless_gone(self, body: Coroutine[Any, Any, None], receive: Receive) -> None:
        """Send until all is sent, the session is over, or the client has left, which `send` alone does not tell."""
        sending = asyncio.create_task(body)
        leaving = asyncio.create_task(self._notice_leaving(receive))
        self._playing.sending.add(sending)
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done() and not sending.cancelled():
                sending.result()
        finally:
            self._playing.sending.discard(sending)
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)

    async def _notice_leaving(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._gone = True

    async def _may_go_on(self, playing: Playing) -> bool:
        try:
            await self._state.now_playing.hold(playing)
        except ApiError:
            return False
        return True

    async def _read(self, span: Span) -> bytes | bytearray | None:
        try:
            cached = self._file.read_cached(span.first, span.length)
            if cached is not None:
                return cached
            return await self._state.readers.run(self._source.root, self._file.read, span.first, span.length)
        except (FileChangedError, OSError, UnavailableError) as error:
            if self._source.archived is not None and await self._go_on_in_archive(
                self._source.archived, error
            ):
                return await self._read(span)
            self._say(error)
        return None

    async def _go_on_in_archive(self, archived: Source, error: Exception) -> bool:
        """Whether the file itself, as it was when the copy was made, is there."""
        _log.warning("the copy of %r on the SSD failed (%s): the archive goes on", archived.path_text, error)
        try:
            wanted = replace(archived, state=self._source.state)
            known = self._playing.version
            file = await self._state.readers.run(archived.root, open_version, wanted, known)
        except (OSError, UnavailableError, FileReplacedError):
            return False
        self._state.readers.leave(self._source.root, self._file.close)
        self._file, self._source, self._playing.source = file, archived, archived
        return True

    def _say(self, error: Exception) -> None:
        why = "changed" if isinstance(error, FileChangedError) else f"cannot be read any more ({error})"
        _log.warning("%r %s while it was streamed; the stream ends here", self._source.path_text, why)


def _pieces(body: tuple[Span | bytes, ...]) -> Iterator[Span | bytes]:
    for part in body:
        if isinstance(part, bytes):
            yield part
        else:
            for first in range(part.first, part.last + 1, PIECE):
                yield Span(first, min(first + PIECE - 1, part.last))

"""Responses that send the bytes of a file in pieces, to clients that may be slow, stall or disconnect."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from orchestration.breaker import UnavailableError
from orchestration.contracts import FileVersion, Source
from orchestration.storage import FileChangedError, OpenFile
from serving.http.ranges import Span
from serving.stream.responses.files import FileReplacedError, PreparedResponse, open_version
from serving.stream.responses.roots import RootReaders

# The number of bytes read at once. A client that stalls keeps one or two pieces in memory.
PIECE = 512 * 1024

_log = logging.getLogger(__name__)


class Recipient(Protocol):
    """The playback session that receives the bytes."""

    @property
    def version(self) -> FileVersion | None:
        """Return the version of the file that the session plays."""

    def count(self, sent: int, tier: str) -> None:
        """Count bytes sent from a tier."""

    def switch_to(self, source: Source) -> None:
        """Continue the response from another source."""

    def sending(self, task: asyncio.Task[None]) -> AbstractContextManager[None]:
        """Cancel the task if the session ends while the context is open."""

    async def may_continue(self) -> bool:
        """Return whether the session still holds its slot."""


def respond(
    prepared: PreparedResponse, source: Source, readers: RootReaders, recipient: Recipient | None
) -> Response:
    """Return the response for a prepared file. Without a recipient, it has no body."""
    if prepared.file is None or recipient is None:
        return BufferedResponse(prepared, source, recipient)
    return StreamedResponse(prepared, prepared.file, source, readers, recipient)


class BufferedResponse(Response):
    """A response whose body has been read already, is empty, or is sent by nginx."""

    def __init__(self, prepared: PreparedResponse, source: Source, recipient: Recipient | None) -> None:
        super().__init__(status_code=prepared.plan.status, headers=prepared.plan.headers)
        self.body, self._sent = prepared.body, len(prepared.body) + prepared.plan.left
        self._source, self._recipient = source, recipient

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Counted before sending: a client that has read the body may end the session at once.
        if self._recipient is not None and self._sent:
            self._recipient.count(self._sent, self._source.tier)
        await super().__call__(scope, receive, send)


class StreamedResponse(Response):
    """A response that is read while it is sent. It owns the file and closes it in every case."""

    def __init__(
        self,
        prepared: PreparedResponse,
        file: OpenFile,
        source: Source,
        readers: RootReaders,
        recipient: Recipient,
    ) -> None:
        super().__init__(status_code=prepared.plan.status, headers=prepared.plan.headers)
        self._plan, self._file, self._source = prepared.plan, file, source
        self._readers, self._recipient = readers, recipient
        self._disconnected = False

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        try:
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            await self._until_disconnect(self._send_body(send), receive)
        finally:
            if self._file.tells_cached:
                self._file.close()
            else:
                # Closed in a thread, because closing also blocks while the archive hangs.
                self._readers.run_later(self._source.root, self._file.close)

    async def _send_body(self, send: Send) -> None:
        left = self._plan.length
        for piece in _pieces(self._plan.body):
            # Let other tasks run: `send` does not wait for a fast client.
            await asyncio.sleep(0)
            if self._disconnected:
                # The slot must not be renewed for a client that has disconnected.
                return
            data = piece if isinstance(piece, bytes) else await self._read(piece)
            if data is None or not await self._recipient.may_continue():
                # The server closes the connection after an incomplete body, so the client notices.
                return
            left -= len(data)
            self._recipient.count(len(data), self._source.tier)
            await send({"type": "http.response.body", "body": data, "more_body": left > 0})

    async def _until_disconnect(self, body: Coroutine[Any, Any, None], receive: Receive) -> None:
        """Send until the body is complete, the session ends, or the client disconnects.

        `send` alone does not report a disconnect.
        """
        sending = asyncio.create_task(body)
        leaving = asyncio.create_task(self._wait_for_disconnect(receive))
        with self._recipient.sending(sending):
            try:
                await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
                if sending.done() and not sending.cancelled():
                    sending.result()
            finally:
                sending.cancel()
                leaving.cancel()
                await asyncio.gather(sending, leaving, return_exceptions=True)

    async def _wait_for_disconnect(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._disconnected = True

    async def _read(self, span: Span) -> bytes | bytearray | None:
        try:
            cached = self._file.read_cached(span.first, span.length)
            if cached is not None:
                return cached
            return await self._readers.run(self._source.root, self._file.read, span.first, span.length)
        except (FileChangedError, OSError, UnavailableError) as error:
            archived = self._source.archived
            if archived is not None and await self._switch_to_archive(archived, error):
                return await self._read(span)
            self._log_end(error)
        return None

    async def _switch_to_archive(self, archived: Source, error: Exception) -> bool:
        """Continue from the file in the archive instead of its copy.

        Returns False if the file is not the version that was copied.
        """
        _log.warning("SSD copy of %r failed, continuing from the archive: %s", archived.path_text, error)
        try:
            wanted = replace(archived, state=self._source.state)
            file = await self._readers.run(archived.root, open_version, wanted, self._recipient.version)
        except (OSError, UnavailableError, FileReplacedError):
            return False
        self._readers.run_later(self._source.root, self._file.close)
        self._file, self._source = file, archived
        self._recipient.switch_to(archived)
        return True

    def _log_end(self, error: Exception) -> None:
        why = "changed" if isinstance(error, FileChangedError) else f"could not be read ({error})"
        _log.warning("%r %s during streaming; the response ends early", self._source.path_text, why)


def _pieces(body: tuple[Span | bytes, ...]) -> Iterator[Span | bytes]:
    for part in body:
        if isinstance(part, bytes):
            yield part
        else:
            for first in range(part.first, part.last + 1, PIECE):
                yield Span(first, min(first + PIECE - 1, part.last))

"""HTTP as the API speaks it: uvicorn's fast protocol with limits, strict hosts, and errors as JSON."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from serving.http.dates import format_http_date
from serving.http.headers import SECURITY_HEADERS

# The most bytes of a request's address and headers. The parser itself has no limit.
MAX_HEAD_BYTES = 256 * 1024
# Seconds in which the head of a request must arrive. The application waits as long for a body.
HEAD_TIMEOUT = 30.0
_BETWEEN = len(": \r\n")
_TOO_LONG = (
    431,
    "REQUEST_HEADER_FIELDS_TOO_LARGE",
    f"The address and headers of the request are longer than {MAX_HEAD_BYTES // 1024} KiB.",
)
# Seconds for which a refused client may read the error.
_LINGER = 1.0


class Protocol(HttpToolsProtocol):
    """Limits the head of a request, requires exactly one Host (RFC 9112 §3.2), and refuses malformed requests
    with the API's error format."""

    # Bytes of a head that is not complete.
    _received = 0
    _refused = False
    # Bytes of the address and headers of the current request.
    _head = 0
    _too_long = False
    # The client has stopped sending, but still reads.
    _half_closed = False
    # Runs while the head of a request is awaited.
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override]
        """Respond to the complete requests, then close; return whether the connection stays open for that."""
        self._half_closed = True
        if self._refused:
            # The client has yet to read why it was refused.
            return True
        return self._is_owed_a_response()

    def _is_owed_a_response(self) -> bool:
        cycle = self.cycle
        return bool(self.pipeline) or (
            cycle is not None and not cycle.response_complete and not cycle.more_body
        )

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._half_closed and not self._is_owed_a_response():
            self.transport.close()

    def on_message_begin(self) -> None:
        self._wait_for_head()
        self._head, self._too_long = 0, False
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value) + _BETWEEN)
        super().on_header(name, value)

    def _count(self, length: int) -> None:
        self._head += length
        if self._head > MAX_HEAD_BYTES:
            self._too_long = True
            raise ValueError("too long")

    def _wait_for_head(self) -> None:
        self._stop_waiting()
        self._head_timer = self.loop.call_later(HEAD_TIMEOUT, self._on_head_timeout)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()

    def _on_head_timeout(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            # The next request of a pipeline waits for the response to this one.
            self._wait_for_head()
        elif self._received:
            self._refuse(
                408, "REQUEST_TIMEOUT", f"The request was not complete after {HEAD_TIMEOUT:g} seconds."
            )
        else:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._received += len(data)
        super().data_received(data)
        if self._received > MAX_HEAD_BYTES and not self._refused:
            self._refuse(*_TOO_LONG)

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            raise ValueError("one Host")
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._received = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._received = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the log has it
        if self._too_long:
            self._refuse(*_TOO_LONG)
            return
        self._refuse(
            400, "BAD_REQUEST", "The request is malformed: its address or one of its headers is not valid."
        )

    def _refuse(self, status: int, code: str, message: str) -> None:
        body = json.dumps({"error": {"code": code, "message": message, "details": {}}}).encode()
        headers = SECURITY_HEADERS | {
            "content-type": "application/json",
            "content-length": str(len(body)),
            "connection": "close",
            "date": format_http_date(int(time.time())),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.transport.write(b"".join([STATUS_LINE[status], lines.encode("latin-1"), b"\r\n", body]))
        # Closing a connection with unread input resets it, and the client would lose the response.
        self._refused = True
        self.loop.call_later(_LINGER, self.transport.close)


UVICORN_OPTIONS: dict[str, Any] = {
    "http": Protocol,
    "ws": "none",
    # uvicorn's header is up to a second late; the application sends its own.
    "date_header": False,
    "server_header": False,
    # uvicorn trusts every proxy on this machine; the application trusts only configured ones.
    "proxy_headers": False,
}
"""Options of `uvicorn.Config` for this protocol."""

"""Security headers of every response, in plain ASGI: `BaseHTTPMiddleware` takes a fifth of the throughput."""

from __future__ import annotations

import time
from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.http.dates import format_http_date

SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    # No proxy or browser may store private responses or errors.
    "cache-control": "private, no-store",
}

# Pages and the OpenAPI document may be stored, but are revalidated each time.
_PUBLIC = b"no-cache"
_RAW = tuple((name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items())
_RAW_PUBLIC = tuple((name, _PUBLIC if name == b"cache-control" else value) for name, value in _RAW)


class SecurityHeadersMiddleware:
    """Adds the security headers that a response does not set itself, and the `Date` header.

    The date of uvicorn may be a second old, and `Last-Modified` must not be later (RFC 9110 §8.8.2.1).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = with_defaults(message["headers"], scope["path"], message["status"])
                if all(name != b"date" for name, _ in headers):
                    headers.append((b"date", format_http_date(int(time.time())).encode()))
                message = {**message, "headers": headers}
            await send(message)

        await self.app(scope, receive, send_with_headers)


def with_defaults(
    headers: Iterable[tuple[bytes, bytes]], path: str, status: int
) -> list[tuple[bytes, bytes]]:
    """Return the headers of a response with the missing security headers added."""
    own = list(headers)
    names = {name for name, _ in own}
    return own + [header for header in _defaults(path, status) if header[0] not in names]


def _defaults(path: str, status: int) -> tuple[tuple[bytes, bytes], ...]:
    private = path == "/metrics" or (path.startswith("/api/") and path != "/api/openapi.json")
    return _RAW if private or status >= 400 else _RAW_PUBLIC

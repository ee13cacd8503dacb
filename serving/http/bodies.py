"""Limits on the size of a request body, and on the time until all of it has arrived."""

from __future__ import annotations

import asyncio
import re

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.http.error_responses import response_of
from serving.http.errors import TooLargeError, TooSlowError

# In bytes.
LARGEST = 64 * 1024
# Hands are imported in bulk, so their bodies are larger.
LARGEST_OF_HANDS = 8 * 1024 * 1024
# Seconds until all of a body must have arrived.
PATIENCE = 30.0

_HANDS = re.compile(r"/api/admin/contents/[^/]+/hands")


class BodyLimitMiddleware:
    """Rejects request bodies that are too large or arrive too slowly.

    A body whose `Content-Length` exceeds the limit is rejected before it is read, any other as soon as it
    exceeds the limit. The server discards the rest.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # No route reads the body of a GET or HEAD request.
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        most = LARGEST_OF_HANDS if _HANDS.fullmatch(scope["path"]) else LARGEST
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced[:19]) > most:
            await response_of(TooLargeError(_too_large(most)))(scope, receive, send)
        else:
            await self.app(scope, _bounded(receive, most), send)


def _too_large(most: int) -> str:
    return f"The request body is too large: the limit is {most // 1024:,} KiB."


def _bounded(receive: Receive, most: int) -> Receive:
    """Return a `receive` that enforces the limits. It raises `HTTPException`, which FastAPI passes on."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    read, complete = 0, False

    async def bounded() -> Message:
        nonlocal read, complete
        # Only the disconnect of the client can still arrive.
        if complete:
            return await receive()
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            raise HTTPException(TooSlowError.status, TooSlowError.message) from None
        read += len(message.get("body", b""))
        complete = not message.get("more_body", False)
        if read > most:
            raise HTTPException(TooLargeError.status, _too_large(most))
        return message

    return bounded

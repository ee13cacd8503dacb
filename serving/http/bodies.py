"""How much a request may bring, and how long that may take: nobody fills the memory, or stays for ever, with a body."""

from __future__ import annotations

import asyncio
import re

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.http.error_responses import response_of
from serving.http.errors import TooLargeError, TooSlowError

LARGEST = 64 * 1024  # bytes
LARGEST_OF_HANDS = 8 * 1024 * 1024  # which come in bulk
PATIENCE = 30.0  # seconds until all of a body is there

_HANDS = re.compile(r"/api/admin/contents/[^/]+/hands")


class BoundedBodies:
    """Refuses what says that it is too large before any of it is read, what turns out to be where it does, and what does not
    come to its end. The server throws away what is left of it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):  # whose bodies nobody reads
            await self.app(scope, receive, send)
            return
        most = LARGEST_OF_HANDS if _HANDS.fullmatch(scope["path"]) else LARGEST
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced[:19]) > most:
            await response_of(TooLargeError(_too_large(most)))(scope, receive, send)
        else:
            await self.app(scope, _bounded(receive, most), send)


def _too_large(most: int) -> str:
    return f"The body is too large: {most // 1024:,} KiB are the most that is read here."


def _bounded(receive: Receive, most: int) -> Receive:
    """Raises `HTTPException`, which FastAPI passes on from the reading of a body."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    read, complete = 0, False

    async def bounded() -> Message:
        nonlocal read, complete
        if complete:  # what is waited for now is that the client leaves
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

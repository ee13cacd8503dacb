"""A minimal application that lets nginx send a file, for comparison with ours."""

from __future__ import annotations

import os

from starlette.types import Receive, Scope, Send

_FILE = os.environ.get("BARE_ACCEL_FILE", "").encode()


async def app(scope: Scope, _: Receive, send: Send) -> None:
    """Respond to every request with one file."""
    if scope["type"] == "http":
        headers = [
            (b"x-accel-redirect", b"/_files" + _FILE),
            (b"content-type", b"video/mp4"),
            (b"content-length", b"0"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

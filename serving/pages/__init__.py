"""The page at `/`: lists titles and plays one. Plain HTML, CSS and JavaScript, nothing to build."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

_ASSETS = Path(__file__).parent / "assets"


class _Assets(StaticFiles):
    """Small files, sent whole: a server may ignore Range (RFC 9110 §14.2), and Starlette's errors for it are no JSON."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name, value) for name, value in scope.get("headers", ()) if name != b"range"]
        await super().__call__({**scope, "headers": headers}, receive, send)


def install(app: FastAPI) -> None:
    """Add the page and what it loads."""
    page = (_ASSETS / "index.html").read_text(encoding="utf-8")
    app.mount("/assets", _Assets(directory=_ASSETS), name="assets")
    app.add_route("/", lambda _request: HTMLResponse(page), include_in_schema=False)

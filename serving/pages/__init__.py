"""The plain page, which lists titles and plays them, and the API documentation at `/docs`.

Both are plain HTML, CSS and JavaScript without a build step.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

_ASSETS = Path(__file__).parent / "assets"


class _Assets(StaticFiles):
    """Small files, sent whole.

    A server may ignore Range (RFC 9110 §14.2), and the range errors of Starlette are not JSON.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name, value) for name, value in scope.get("headers", ()) if name != b"range"]
        await super().__call__({**scope, "headers": headers}, receive, send)


def install(app: FastAPI) -> None:
    """Add the documentation, and the assets of both pages, to the application."""
    app.mount("/assets", _Assets(directory=_ASSETS), name="assets")
    app.mount("/swagger", _Assets(packages=[("fastapi_offline", "static")]), name="swagger")
    docs = HTMLResponse(_read("docs.html"))
    app.add_route("/docs", lambda _request: docs, include_in_schema=False)


def plain_page() -> str:
    """Return the HTML of the plain page. Its links are absolute, so that it works at every path."""
    return _read("index.html")


def _read(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")

"""The page at `/`, which lists titles and plays them, and the API documentation at `/docs`.

Both are plain HTML, CSS and JavaScript without a build step.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from starlette.requests import Request
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
    """Add the pages and their assets to the application."""
    app.mount("/assets", _Assets(directory=_ASSETS), name="assets")
    app.mount("/swagger", _Assets(packages=[("fastapi_offline", "static")]), name="swagger")
    for path, name in (("/", "index.html"), ("/docs", "docs.html")):
        page = HTMLResponse((_ASSETS / name).read_text(encoding="utf-8"))
        app.add_route(path, _page_route(page), include_in_schema=False)


def _page_route(page: HTMLResponse) -> Callable[[Request], HTMLResponse]:
    return lambda _request: page

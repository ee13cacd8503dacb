"""The page at `/`: lists titles and plays one. Plain HTML, CSS and JavaScript, nothing to build."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles

_ASSETS = Path(__file__).parent / "assets"


def install(app: FastAPI) -> None:
    """Add the page and what it loads."""
    app.mount("/assets", StaticFiles(directory=_ASSETS), name="assets")
    app.add_route("/", _index, include_in_schema=False)


async def _index(_: object) -> FileResponse:
    return FileResponse(_ASSETS / "index.html")

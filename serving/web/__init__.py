"""The web app: its static files, and its pages, which a Node process renders behind the application.

Every path that belongs to no other part of the application is a page (docs/decisions/0038-web-serving.md).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from serving.kernel.renderer import Renderer
from serving.web.front import Front, PageRoute
from serving.web.plain_page import PlainPage
from serving.web.renderer_client import RendererClient, open_client
from serving.web.static_files import StaticFiles, StaticRoute

__all__ = ["install", "open_web"]


def install(app: FastAPI, renderer: Renderer, plain_page: str) -> None:
    """Add the static files and the pages to the application, after all its other routes."""
    if renderer.files is not None:
        files = StaticFiles(renderer.files)
        app.router.routes.append(StaticRoute("/{file:path}", files))
    app.router.routes.append(PageRoute("/{page:path}", Front(renderer, PlainPage(plain_page))))


@asynccontextmanager
async def open_web(renderer: Renderer) -> AsyncIterator[RendererClient]:
    """Yield the client of the renderer, which requests find in their state as `pages`."""
    async with open_client(renderer) as client:
        yield client

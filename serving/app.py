"""The application: opens what the blocks share, joins them, and closes it all again."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import InstrumentedAttribute

from catalog_models.engine import make_async_engine
from catalog_models.tables import Content, MediaFile, SearchWord, Thumbnail
from serving import content, errors, flat_catalog, health, pages, search, stream
from serving.headers import SecurityHeaders
from serving.health import Ping, Pings
from serving.session import Resources

if TYPE_CHECKING:
    from orchestration.settings import Settings

READERS = 32  # threads that read files

_DESCRIPTION = """
The catalogue of a poker archive: lists and a search of titles, their pictures, and their bytes by HTTP ranges.

Lists are `{"items": […], "total": n, "limit": …, "offset": …}`; every error is
`{"error": {"code": "CONTENT_NOT_FOUND", "message": "…", "details": {}}}`. Times are UTC, durations seconds.
Where GET is answered, HEAD is too.
"""


def create_app(settings: Settings) -> FastAPI:
    """The application of these settings; nothing is opened before it is served.

    Raises `ValueError` when `settings.database_url` is not set.
    """
    if settings.database_url is None:
        raise ValueError("the serving layer needs a database: set DATABASE_URL")
    app = FastAPI(
        title="WSOPTV",
        version=version("wsoptv"),
        description=_DESCRIPTION,
        lifespan=lambda _: _opened(settings),
        openapi_url="/api/openapi.json",
        docs_url=None,  # FastAPI's page loads its scripts from elsewhere, which our policy forbids; see `pages`
        redoc_url=None,
        responses={"default": {"model": errors.ErrorAnswer, "description": "Any other error"}},
    )
    errors.install(app)
    app.add_middleware(SecurityHeaders)
    for block in (flat_catalog, content, search, stream, health):
        app.include_router(block.router, prefix="/api")
    pages.install(app)
    return app


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[dict[str, Any]]:
    """What requests find in `request.state`."""
    assert settings.database_url is not None  # noqa: S101 - `create_app` has checked it
    async with AsyncExitStack() as closing:
        engine = make_async_engine(settings.database_url.get_secret_value())
        closing.push_async_callback(engine.dispose)
        readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        closing.callback(readers.shutdown, wait=False, cancel_futures=True)
        resources = Resources(engine, readers, os.fsencode(settings.thumbnails))
        redis = await _redis_ping(settings, closing)
        server = _search_server(settings, closing)
        pings = _pings(resources, redis, None if server is None else server.ping)
        yield {"resources": resources, "pings": pings, "search": search.Search(server)}


def _search_server(settings: Settings, closing: AsyncExitStack) -> search.SearchServer | None:
    server = search.server_of(settings)
    if server is not None:
        closing.callback(server.close)
    return server


async def _redis_ping(settings: Settings, closing: AsyncExitStack) -> Ping | None:
    if settings.redis_url is None:
        return None
    from redis.asyncio import Redis  # a quarter of a second to import

    client = Redis.from_url(settings.redis_url.get_secret_value(), socket_timeout=health.DEADLINE)
    closing.push_async_callback(client.aclose)
    return client.ping


def _pings(resources: Resources, redis: Ping | None, meilisearch: Ping | None) -> Pings:
    """Each block is asked for what it lives on: its tables, and the threads that read files."""
    read = partial(_read_one, resources.engine)
    return Pings(
        blocks={
            "content": partial(read, Thumbnail.id),
            "flat_catalog": partial(read, Content.id),
            "search": partial(read, SearchWord.word),
            "stream": partial(_stream_ping, resources),
        },
        dependencies={
            "postgres": partial(_read_one, resources.engine, None),
            "redis": redis,
            "meilisearch": meilisearch,
        },
    )


async def _read_one(engine: AsyncEngine, column: InstrumentedAttribute[Any] | None) -> None:
    async with engine.connect() as connection:
        await connection.execute(select(1) if column is None else select(column).limit(1))


async def _stream_ping(resources: Resources) -> None:
    await _read_one(resources.engine, MediaFile.id)
    await resources.in_thread(os.getpid)  # unanswered while a hung archive holds all of them

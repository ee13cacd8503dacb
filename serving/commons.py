"""What all blocks share while the application serves: the database, Redis, the threads that read files, the bus."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from catalog_models.engine import dispose_async_engine, make_async_engine
from orchestration.breaker import Breaker
from orchestration.bus import Bus
from orchestration.registry import Registry
from serving.block import Commons
from serving.l1 import L1
from serving.measures import Measures
from serving.session import Resources

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from orchestration.settings import Settings

# Connections for health checks: one for each block that reads, and for PostgreSQL itself.
PROBES = 8
READERS = 32  # threads that read files
REDIS_DEADLINE = 1.0  # seconds that a request waits for Redis at most


@asynccontextmanager
async def open_commons(settings: Settings, registry: Registry, measures: Measures) -> AsyncIterator[Commons]:
    """Open what the settings name; `settings.database_url` has to be set."""
    assert settings.database_url is not None  # noqa: S101 - `create_app` has checked it
    async with AsyncExitStack() as closing:
        engine = make_async_engine(settings.database_url.get_secret_value())
        closing.push_async_callback(dispose_async_engine, engine)
        probe_engine = make_async_engine(settings.database_url.get_secret_value(), PROBES)
        closing.push_async_callback(dispose_async_engine, probe_engine)
        readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        closing.callback(readers.shutdown, wait=False, cancel_futures=True)
        parser = ThreadPoolExecutor(1, thread_name_prefix="parser")
        closing.callback(parser.shutdown, wait=False, cancel_futures=True)
        resources = Resources(engine, probe_engine, readers, parser, os.fsencode(settings.thumbnails))
        redis, breaker = await _redis(settings, closing)
        yield Commons(settings, resources, L1(redis, breaker), Bus(redis, breaker), registry, measures)


async def _redis(settings: Settings, closing: AsyncExitStack) -> tuple[Redis | None, Breaker]:
    from redis import RedisError  # a quarter of a second to import

    breaker = Breaker("Redis", (RedisError,), deadline=REDIS_DEADLINE)
    if settings.redis_url is None:
        return None, breaker
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    from serving.pipelining import PipeliningRedis

    client = PipeliningRedis.from_url(
        settings.redis_url.get_secret_value(),
        socket_timeout=REDIS_DEADLINE,
        socket_connect_timeout=REDIS_DEADLINE,
        retry=Retry(
            NoBackoff(), 1
        ),  # a connection that died unnoticed is replaced; the breaker does the rest
    )
    closing.push_async_callback(client.aclose)
    return client, breaker

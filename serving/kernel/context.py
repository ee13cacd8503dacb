"""The context that all blocks share: settings, database, Redis, reader threads, event bus and metrics."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catalog_models.engine import dispose_async_engine, make_async_engine
from orchestration.breaker import Breaker
from orchestration.bus import Bus
from orchestration.registry import Registry
from serving.kernel.l1 import L1
from serving.kernel.metrics import Metrics
from serving.kernel.resources import Resources

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from orchestration.settings import Settings

# Connections for health checks: one for each block that reads, and one for PostgreSQL itself.
PROBES = 8
# Threads that read files.
READERS = 32
# The most seconds that a request waits for Redis.
REDIS_DEADLINE = 1.0


@dataclass(frozen=True, slots=True)
class Context:
    """The resources that each block receives when it is opened."""

    settings: Settings
    resources: Resources
    l1: L1
    bus: Bus
    registry: Registry
    metrics: Metrics


@asynccontextmanager
async def open_context(settings: Settings, registry: Registry, metrics: Metrics) -> AsyncIterator[Context]:
    """Open the resources that the settings name. `settings.database_url` must be set."""
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
        yield Context(settings, resources, L1(redis, breaker), Bus(redis, breaker), registry, metrics)


async def _redis(settings: Settings, closing: AsyncExitStack) -> tuple[Redis | None, Breaker]:
    # Imported here because the import takes a quarter of a second.
    from redis import RedisError

    breaker = Breaker("Redis", (RedisError,), deadline=REDIS_DEADLINE)
    if settings.redis_url is None:
        return None, breaker
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    from serving.kernel.redis_client import PipeliningRedis

    client = PipeliningRedis.from_url(
        settings.redis_url.get_secret_value(),
        socket_timeout=REDIS_DEADLINE,
        socket_connect_timeout=REDIS_DEADLINE,
        # One retry replaces a connection that was closed unnoticed; the breaker handles other failures.
        retry=Retry(NoBackoff(), 1),
    )
    closing.push_async_callback(client.aclose)
    return client, breaker

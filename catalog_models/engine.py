"""SQLAlchemy engines for PostgreSQL."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, TypeVar

from psycopg import AsyncConnection, OperationalError
from psycopg.abc import PQGen
from psycopg.waiting import wait_async
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

RESPONSE_TIMEOUT = 5.0
"""Seconds that a request waits for a response of the database, or for a connection of the pool."""

T = TypeVar("T")


def driver_url(url: str) -> URL:
    """Return the URL with psycopg 3 as its driver, whichever driver it names (`postgres://…` included)."""
    parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    return parsed.set(drivername="postgresql+psycopg")


def make_engine(url: str) -> Engine:
    """Return a blocking engine, for flows and the command line. It replaces closed connections."""
    return create_engine(driver_url(url), pool_pre_ping=True, connect_args={"connect_timeout": 10})


class TimeoutConnection(AsyncConnection[Any]):
    """A connection that raises an error if the server does not respond within `RESPONSE_TIMEOUT`.

    A cancelled statement closes the connection at once. psycopg itself would ask the server to cancel the
    statement, which takes ten seconds if the server does not respond.
    """

    async def wait(
        self, gen: PQGen[T], interval: float = RESPONSE_TIMEOUT, timeout: float | None = None
    ) -> T:
        """Run this generator of psycopg to its end. Raise `OperationalError` after `RESPONSE_TIMEOUT`.

        `interval` is how often to wake up while the server does not respond. The default of `wait_async`
        is 0, with which the event loop never sleeps while a statement runs.
        """
        try:
            async with asyncio.timeout(RESPONSE_TIMEOUT):
                return await wait_async(gen, self.pgconn.socket, interval, timeout)
        except TimeoutError:
            self.pgconn.finish()
            raise OperationalError(f"PostgreSQL has not responded for {RESPONSE_TIMEOUT:g} s") from None
        except asyncio.CancelledError:
            self.pgconn.finish()
            raise


def make_async_engine(url: str, pool_size: int = 10) -> AsyncEngine:
    """Return an engine for the event loop of the API.

    Its errors and its log show no parameters, which include password hashes and addresses.
    """
    return create_async_engine(
        driver_url(url),
        pool_pre_ping=True,
        pool_size=pool_size,
        pool_timeout=RESPONSE_TIMEOUT,
        hide_parameters=True,
        connect_args={"connect_timeout": 2, "async_creator_fn": TimeoutConnection.connect},
    )


async def dispose_async_engine(engine: AsyncEngine) -> None:
    """Close all connections of the engine, including those that tasks have not returned to its pool yet.

    `dispose` alone forgets connections that are checked out, and leaves them open. There may be some: uvicorn
    cancels requests that exceed its timeout, and shuts the application down without waiting for them to end.
    """
    pool = engine.pool
    if isinstance(pool, QueuePool):
        with suppress(TimeoutError):
            async with asyncio.timeout(RESPONSE_TIMEOUT):
                while pool.checkedout():
                    await asyncio.sleep(0.01)
    await engine.dispose()

"""Connections of the asynchronous engine."""

from __future__ import annotations

import asyncio
import gc
from unittest.mock import patch

from sqlalchemy import text

from catalog_models.engine import dispose_async_engine, make_async_engine


def test_disposal_closes_a_connection_that_a_task_has_not_returned(database_url: str) -> None:
    """uvicorn cancels requests that exceed its timeout, and shuts down without waiting for them."""

    async def check() -> None:
        engine, taken, enough = make_async_engine(database_url), asyncio.Event(), asyncio.Event()

        async def use() -> None:
            async with engine.connect() as connection:
                await connection.execute(text("select 1"))
                taken.set()
                await enough.wait()

        task = asyncio.create_task(use())
        await taken.wait()
        disposal = asyncio.create_task(dispose_async_engine(engine))
        asyncio.get_running_loop().call_soon(enough.set)
        await asyncio.gather(task, disposal)

    asyncio.run(check())
    gc.collect()


def test_the_event_loop_sleeps_while_a_statement_runs(database_url: str) -> None:
    """Without an interval, psycopg would wake it up continually."""

    async def check() -> None:
        engine, loop = make_async_engine(database_url), asyncio.get_running_loop()
        async with engine.connect() as connection:
            with patch.object(loop, "call_later", wraps=loop.call_later) as woken:
                await connection.execute(text("select pg_sleep(0.2)"))
        await dispose_async_engine(engine)
        assert woken.call_count < 10

    asyncio.run(check())

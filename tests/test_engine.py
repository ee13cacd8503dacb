"""Engines close what they opened."""

from __future__ import annotations

import asyncio
import gc

from sqlalchemy import text

from catalog_models.engine import dispose_async_engine, make_async_engine


def test_a_connection_that_a_task_still_returns_is_closed(database_url: str) -> None:
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

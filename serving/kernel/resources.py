"""Resources that the application opens at its start, and the database session of a request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Resources:
    """The resources that the application opens at its start.

    `thumbnails` is the folder of posters and storyboards.

    `probe_engine` has connections for health checks only: under load, all connections of `engine` may be in
    use although the database is up. `parser` is a single thread for bodies that take long to parse, so that
    they wait for each other and the event loop does not.
    """

    engine: AsyncEngine
    probe_engine: AsyncEngine
    readers: ThreadPoolExecutor
    parser: ThreadPoolExecutor
    thumbnails: bytes

    async def in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        """Run a function that reads a disk, in separate threads: a disk that hangs blocks no other work."""
        return await asyncio.get_running_loop().run_in_executor(self.readers, work, *arguments)

    async def in_parser(self, work: Callable[..., T], *arguments: object) -> T:
        """Run a long computation in the parser thread, so that it does not block the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self.parser, work, *arguments)


async def read_one(engine: AsyncEngine, column: InstrumentedAttribute[Any] | None) -> None:
    """Read one row. Raises an error if the database, or the table of this column, cannot be read."""
    async with engine.connect() as connection:
        await connection.execute(select(1) if column is None else select(column).limit(1))


async def _resources(request: Request) -> Resources:
    resources: Resources = request.state.resources
    return resources


Shared = Annotated[Resources, Depends(_resources)]


async def _session(resources: Shared) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(resources.engine, expire_on_commit=False) as session:
        yield session


# Closed when the function of the route has returned, before the first byte of the response.
Session = Annotated[AsyncSession, Depends(_session, scope="function")]

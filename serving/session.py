"""What a request may use: a database session, the threads that read files, the folder of the pictures."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Path, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from serving.errors import ContentNotFoundError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Resources:
    """The resources that the application opened at its start. `thumbnails` is the folder of posters and
    storyboards.

    `probe_engine`: connections for health checks only. Under load all connections of `engine` may be in use
    although the database is not down. `parser`: one thread for bodies that take long to parse. They wait for
    each other, and the event loop does not wait.
    """

    engine: AsyncEngine
    probe_engine: AsyncEngine
    readers: ThreadPoolExecutor
    parser: ThreadPoolExecutor
    thumbnails: bytes

    async def in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        """Run what blocks on a disk; threads of our own, so that a hung archive holds up only those who read it."""
        return await asyncio.get_running_loop().run_in_executor(self.readers, work, *arguments)

    async def in_parser(self, work: Callable[..., T], *arguments: object) -> T:
        """Run a computation that would block the event loop for too long."""
        return await asyncio.get_running_loop().run_in_executor(self.parser, work, *arguments)


async def read_one(engine: AsyncEngine, column: InstrumentedAttribute[Any] | None) -> None:
    """Raises where the database, or the table of this column, cannot be read."""
    async with engine.connect() as connection:
        await connection.execute(select(1) if column is None else select(column).limit(1))


async def _resources(request: Request) -> Resources:
    resources: Resources = request.state.resources
    return resources


Shared = Annotated[Resources, Depends(_resources)]


async def _session(resources: Shared) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(resources.engine, expire_on_commit=False) as session:
        yield session


# Closed when the route's function has returned: before the first byte of its answer leaves.
Session = Annotated[AsyncSession, Depends(_session, scope="function")]


async def read_content_id(
    content_id: Annotated[
        str,
        Path(
            description="The id of a title, from a list. What is no UUID names no title.",
            examples=["5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11"],
            json_schema_extra={"format": "uuid"},
        ),
    ],
) -> uuid.UUID:
    """The id as a path has it. Raises `ContentNotFoundError`."""
    found = uuid_of(content_id)
    if found is None:
        raise ContentNotFoundError
    return found


def uuid_of(text: str) -> uuid.UUID | None:
    """An id as we write it; None for whatever else, for which Python also reads braces, `urn:uuid:` and missing dashes."""
    try:
        found = uuid.UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None


ContentId = Annotated[uuid.UUID, Depends(read_content_id)]

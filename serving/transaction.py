"""A request that writes: one transaction, committed when the route's function returns; its events leave after that."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Concatenate, ParamSpec, TypeVar

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from orchestration.bus import Bus
from orchestration.events import Event
from serving.session import Resources, Shared

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(slots=True)
class Transaction:
    """A database session and what is to be announced once it is committed."""

    session: AsyncSession
    events: list[Event] = field(default_factory=list)

    def announce(self, *events: Event) -> None:
        """Have the events published after the commit, and not at all after a rollback."""
        self.events.extend(events)

    async def run(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """One of the statements of `catalog_models.writes`, which are written for a blocking session."""
        return await self.session.run_sync(work, *args, **kwargs)


@asynccontextmanager
async def transaction(resources: Resources, bus: Bus) -> AsyncIterator[Transaction]:
    """One transaction outside of a request: committed at the end of the block, its events published after that."""
    async with AsyncSession(resources.engine, expire_on_commit=False) as session:
        async with session.begin():
            begun = Transaction(session)
            yield begun
        await bus.publish(begun.events)


async def _transaction(request: Request, resources: Shared) -> AsyncIterator[Transaction]:
    async with transaction(resources, request.state.bus) as begun:
        yield begun


# Committed before the answer leaves: who reads afterwards finds what was written.
Work = Annotated[Transaction, Depends(_transaction, scope="function")]

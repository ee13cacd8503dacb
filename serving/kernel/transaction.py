"""Transactions of requests: the only place of the serving layer that commits.

A transaction commits at its end, and then publishes its events. `Work` ends when the route's function
returns. `Begin` opens one that ends earlier, for routes that continue after the commit.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Concatenate, ParamSpec, TypeVar

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from orchestration.bus import Bus
from orchestration.events import Event
from serving.kernel.resources import Resources, Shared

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(slots=True)
class Transaction:
    """A database session, and the events to publish after its commit."""

    session: AsyncSession
    events: list[Event] = field(default_factory=list)

    def announce(self, *events: Event) -> None:
        """Publish the events after the commit; a rollback discards them."""
        self.events.extend(events)

    async def run(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function that takes a blocking session, such as those of `catalog_models.writes`.

        Returns the result of the function.
        """
        return await self.session.run_sync(work, *args, **kwargs)


BeginTransaction = Callable[[], AbstractAsyncContextManager[Transaction]]


@asynccontextmanager
async def transaction(resources: Resources, bus: Bus) -> AsyncIterator[Transaction]:
    """Open a transaction. The end of the block commits it and publishes its events."""
    async with AsyncSession(resources.engine, expire_on_commit=False) as session:
        async with session.begin():
            begun = Transaction(session)
            yield begun
        await bus.publish(begun.events)


async def _transaction(request: Request, resources: Shared) -> AsyncIterator[Transaction]:
    async with transaction(resources, request.state.bus) as begun:
        yield begun


# Committed before the response is sent: a client that reads afterwards finds its changes.
Work = Annotated[Transaction, Depends(_transaction, scope="function")]


async def _begin(request: Request, resources: Shared) -> BeginTransaction:
    return partial(transaction, resources, request.state.bus)


# A route that asks another block after its commit holds no connection while that block takes one.
Begin = Annotated[BeginTransaction, Depends(_begin)]

"""Declaration of a block: its routes, the questions that it provides and asks, and how it is opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import InstrumentedAttribute
from starlette.routing import Route

from orchestration.bus import Subscription
from orchestration.contracts import Question
from orchestration.registry import BlockDownError, Provider
from serving.kernel.context import Context
from serving.kernel.resources import read_one

Ping = Callable[[], Awaitable[object]]
DownCheck = Callable[[], Awaitable[Sequence[str]]]


class NotConfiguredError(Exception):
    """The server of a ping is not configured, or has not started yet."""


@dataclass(frozen=True, slots=True)
class OpenBlock:
    """An open block. `state_of` passes `state` to its routes; `ping` raises an error if the block is down.

    `dependencies` maps the names of servers that only this block uses to their pings (None: not configured).
    `down` returns the locations of the roots of the archive that are down; which ones exist may change at any
    time.
    """

    state: Any
    ping: Ping
    providers: tuple[Provider, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    dependencies: Mapping[str, Ping | None] = field(default_factory=dict)
    down: DownCheck | None = None


BlockOpener = Callable[[Context], AbstractAsyncContextManager[OpenBlock]]


@dataclass(frozen=True, slots=True)
class Block:
    """One of the nine blocks. A block that fails does not stop the others.

    `quick` routes match before all others and bypass FastAPI, whose dependency injection takes twice as long
    as the response to a seeking player. The routers contain the operations that document them.
    """

    name: str
    open: BlockOpener
    routers: tuple[APIRouter, ...] = ()
    provides: tuple[Question[Any, Any], ...] = ()
    needs: tuple[Question[Any, Any], ...] = field(default=())
    quick: tuple[Route, ...] = ()


def state_of(request: Request, block: str) -> Any:
    """Return the state of an open block. Raises `BlockDownError`."""
    found = request.state.blocks.get(block)
    if found is None:
        reason = request.state.registry.why_down(block)
        raise BlockDownError(block, reason or "it has not started")
    return found.state


def without_state(column: InstrumentedAttribute[Any]) -> BlockOpener:
    """Return the opener of a block without state, which is up while the table of this column can be read."""

    @asynccontextmanager
    async def opened(context: Context) -> AsyncIterator[OpenBlock]:
        yield OpenBlock(None, partial(read_one, context.resources.probe_engine, column))

    return opened

"""What a block is to the application: its routes, what it answers and asks, how it is opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from sqlalchemy.orm import InstrumentedAttribute
from starlette.routing import Route

from orchestration.bus import Bus, Subscription
from orchestration.contracts import Question
from orchestration.registry import BlockDownError, Provider, Registry
from serving.errors import OTHER_ERRORS
from serving.l1 import L1
from serving.measures import Measures
from serving.session import Resources, read_one

if TYPE_CHECKING:
    from orchestration.settings import Settings

Ping = Callable[[], Awaitable[object]]
Down = Callable[[], Awaitable[Sequence[str]]]


class NotConfiguredError(Exception):
    """What a ping raises of a server that is not there because nobody wants it to be, or that has not started yet."""


@dataclass(frozen=True, slots=True)
class Commons:
    """What the application hands to every block when it opens it."""

    settings: Settings
    resources: Resources
    l1: L1
    bus: Bus
    registry: Registry
    measures: Measures


@dataclass(frozen=True, slots=True)
class Opened:
    """A block at work. `state` is what its routes find by `state_of`; `ping` raises where it is not well.

    `dependencies` are the servers that it alone uses, by name; None: not configured. `down` returns the names of those
    that come and go, such as roots of the archive, and are down.
    """

    state: Any
    ping: Ping
    providers: tuple[Provider, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    dependencies: Mapping[str, Ping | None] = field(default_factory=dict)
    down: Down | None = None


Open = Callable[[Commons], AbstractAsyncContextManager[Opened]]


@dataclass(frozen=True, slots=True)
class Block:
    """One of the nine; it fails alone.

    `quick` routes match before all others and without FastAPI, whose dependency injection takes twice as long
    as the response to a seeking player; the routers hold the operations that document them.
    """

    name: str
    open: Open
    routers: tuple[APIRouter, ...] = ()
    provides: tuple[Question[Any, Any], ...] = ()
    needs: tuple[Question[Any, Any], ...] = field(default=())
    quick: tuple[Route, ...] = ()


def api_router(tag: str, prefix: str = "") -> APIRouter:
    """Return a router for operations below `/api`.

    The application uses its routes as they are. `include_router` would build each of them a second time at
    the first request (0.3 s in all), and match each request once more at every level.
    """
    return APIRouter(prefix=f"/api{prefix}", tags=[tag], responses=OTHER_ERRORS)


def state_of(request: Request, block: str) -> Any:
    """The state of the block that answers this request. Raises `BlockDownError`."""
    found = request.state.blocks.get(block)
    if found is None:
        reason = request.state.registry.why_down(block)
        raise BlockDownError(block, reason or "it has not started")
    return found.state


def reading(column: InstrumentedAttribute[Any]) -> Open:
    """How to open a block that keeps nothing and is well while the table of this column can be read."""

    @asynccontextmanager
    async def opened(commons: Commons) -> AsyncIterator[Opened]:
        yield Opened(None, partial(read_one, commons.resources.probe_engine, column))

    return opened

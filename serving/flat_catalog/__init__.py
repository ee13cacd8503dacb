"""Block flat_catalog: lists of titles, series, the home page, and the list and the history of viewers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from catalog_models.tables import Content
from serving.flat_catalog import history, home_route, routes, vocabulary, watch_state, watchlist
from serving.kernel.block import Block, OpenBlock
from serving.kernel.context import Context
from serving.kernel.resources import read_one


@asynccontextmanager
async def _open(context: Context) -> AsyncIterator[OpenBlock]:
    ping = partial(read_one, context.resources.probe_engine, Content.id)
    yield OpenBlock(None, ping, subscriptions=(home_route.subscription(context.l1),))


block = Block(
    "flat_catalog",
    _open,
    (
        home_route.router,
        routes.router,
        vocabulary.router,
        watch_state.router,
        watchlist.router,
        history.router,
    ),
    quick=(home_route.quick,),
)

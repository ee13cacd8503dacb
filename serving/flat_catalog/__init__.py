"""Block flat_catalog: lists of titles, series, and the rows of the home page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from catalog_models.tables import Content
from serving.flat_catalog import home_route, routes
from serving.kernel.block import Block, OpenBlock
from serving.kernel.context import Context
from serving.kernel.resources import read_one


@asynccontextmanager
async def _open(context: Context) -> AsyncIterator[OpenBlock]:
    ping = partial(read_one, context.resources.probe_engine, Content.id)
    yield OpenBlock(None, ping, subscriptions=(home_route.subscription(context.l1),))


block = Block("flat_catalog", _open, (home_route.router, routes.router), quick=(home_route.quick,))

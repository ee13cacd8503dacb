"""Block search: titles by their words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from catalog_models.tables import SearchWord
from serving.kernel.block import Block, Opened
from serving.kernel.context import Context
from serving.kernel.resources import read_one
from serving.search.engine import Search, ask_once
from serving.search.facet_counts import FacetCounts
from serving.search.routes import router
from serving.search.schemas import Found, Question
from serving.search.server import server_of
from serving.search.updates import Updates

__all__ = ["Found", "Question", "ask_once", "block"]


@asynccontextmanager
async def _open(context: Context) -> AsyncIterator[Opened]:
    server = server_of(context.settings)
    updates = None if server is None else Updates(context.resources.engine, server)
    try:
        yield Opened(
            Search(server, FacetCounts(context.l1)),
            partial(read_one, context.resources.probe_engine, SearchWord.word),
            subscriptions=() if updates is None else (updates.subscription,),
            dependencies={"meilisearch": server.ping if server else None},
        )
    finally:
        if updates is not None:
            await updates.close()
        if server is not None:
            server.close()


block = Block("search", _open, (router,))

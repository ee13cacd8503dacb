"""Block search: full-text search of titles, their facets, and players."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from catalog_models.tables import SearchWord
from serving.kernel.block import Block, OpenBlock
from serving.kernel.context import Context
from serving.kernel.resources import read_one
from serving.search import players, routes
from serving.search.directory import Directory
from serving.search.engine import Search, ask_once
from serving.search.facet_counts import FacetCounts
from serving.search.index_updates import IndexUpdates
from serving.search.schemas import Found, SearchQuery
from serving.search.server import server_of

__all__ = ["Found", "SearchQuery", "ask_once", "block"]


@asynccontextmanager
async def _open(context: Context) -> AsyncIterator[OpenBlock]:
    server = server_of(context.settings)
    updates = None if server is None else IndexUpdates(context.resources.engine, server)
    directory = Directory(context.resources.engine)
    try:
        yield OpenBlock(
            Search(server, FacetCounts(context.l1), directory=directory),
            partial(read_one, context.resources.probe_engine, SearchWord.word),
            subscriptions=() if updates is None else (updates.subscription,),
            dependencies={"meilisearch": server.ping if server else None},
        )
    finally:
        await directory.close()
        if updates is not None:
            await updates.close()
        if server is not None:
            server.close()


block = Block("search", _open, (routes.router, players.router))

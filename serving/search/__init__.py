"""Block search: titles by their words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from catalog_models.tables import SearchWord
from serving.block import Block, Commons, Opened
from serving.search.engine import Search, ask_once
from serving.search.facet_counts import FacetCounts
from serving.search.routes import router
from serving.search.schemas import Found, Question
from serving.search.server import server_of
from serving.search.updates import Updates
from serving.session import read_one

__all__ = ["Found", "Question", "ask_once", "block"]


@asynccontextmanager
async def _open(commons: Commons) -> AsyncIterator[Opened]:
    server = server_of(commons.settings)
    updates = None if server is None else Updates(commons.resources.engine, server)
    try:
        yield Opened(
            Search(server, FacetCounts(commons.l1)),
            partial(read_one, commons.resources.probe_engine, SearchWord.word),
            subscriptions=() if updates is None else (updates.subscription,),
            dependencies={"meilisearch": server.ping if server else None},
        )
    finally:
        if updates is not None:
            await updates.close()
        if server is not None:
            server.close()


block = Block("search", _open, (router,))

"""Block stream: the bytes of a title, by ranges."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from catalog_models.tables import MediaFile
from serving.block import Block, Commons, Opened
from serving.session import read_one
from serving.stream.routes import router


@asynccontextmanager
async def _open(commons: Commons) -> AsyncIterator[Opened]:
    async def ping() -> None:
        await read_one(commons.resources.engine, MediaFile.id)
        await commons.resources.in_thread(os.getpid)  # unanswered while a hung archive holds all threads

    yield Opened(None, ping)


block = Block("stream", _open, router)

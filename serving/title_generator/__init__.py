"""Block title_generator: reads titles from paths, by the rules of `tasks.titles`."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from orchestration.contracts import READ_TITLE, PathToRead, TitleRead
from orchestration.registry import Provider
from serving.kernel.block import Block, OpenBlock
from serving.kernel.context import Context
from tasks.titles import read_title

_KNOWN = "WSOP 2024/2024 WSOP Main Event Day 1A.mp4"


async def _read(request: PathToRead) -> TitleRead:
    return TitleRead(dataclasses.asdict(read_title(request.path)))


async def _ping() -> None:
    if (await _read(PathToRead(_KNOWN))).fields["year"] != 2024:
        raise ValueError(f"the rules do not read the year 2024 from {_KNOWN!r}")


@asynccontextmanager
async def _open(_: Context) -> AsyncIterator[OpenBlock]:
    yield OpenBlock(None, _ping, (Provider(READ_TITLE, _read),))


block = Block("title_generator", _open, provides=(READ_TITLE,))

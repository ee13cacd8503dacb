"""Block stream: the bytes of a title, by ranges, and the sessions that they flow to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from catalog_models.tables import MediaFile
from orchestration.bus import Subscription
from orchestration.contracts import ADMIT, AUTHENTICATE, LOCATE, RELEASE, RENEW
from orchestration.events import StreamEnded, UserChanged
from serving.kernel.block import Block, Opened
from serving.kernel.context import Context
from serving.kernel.keys import derived_key
from serving.kernel.resources import read_one
from serving.stream import bytes, info, sessions  # noqa: A004 - the bytes are what it is all about
from serving.stream.lane import Lane
from serving.stream.roots import RootWatch
from serving.stream.state import StreamState

__all__ = ["Lane", "block"]


@asynccontextmanager
async def _open(context: Context) -> AsyncIterator[Opened]:
    async def ping() -> None:
        if hanging := state.readers.hanging():
            raise OSError(f"no answer of {', '.join(hanging)}")
        await read_one(context.resources.probe_engine, MediaFile.id)

    state = StreamState(context, derived_key(context.settings, "playback"))
    roots = RootWatch(context, state.readers)
    listening = Subscription("now playing", (StreamEnded, UserChanged), state.on_event, state.after_gap)
    watching = asyncio.create_task(state.now_playing.watch())
    try:
        yield Opened(state, ping, subscriptions=(listening,), down=roots.down)
    finally:
        roots.close()
        state.readers.close()
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await state.now_playing.close()


block = Block(
    "stream",
    _open,
    (bytes.router, sessions.router, info.router),
    needs=(AUTHENTICATE, LOCATE, ADMIT, RENEW, RELEASE),
    quick=(bytes.quick,),
)

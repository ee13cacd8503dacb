"""Block stream: the bytes of titles, by HTTP ranges, and the playback sessions that receive them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from catalog_models.tables import MediaFile
from orchestration.bus import Subscription
from orchestration.contracts import ADMIT, AUTHENTICATE, LOCATE, RELEASE, RENEW
from orchestration.events import StreamEnded, UserChanged
from serving.kernel.block import Block, OpenBlock
from serving.kernel.context import Context
from serving.kernel.keys import derived_key
from serving.kernel.resources import read_one
from serving.stream import file_bytes, info, playback
from serving.stream.responses.roots import RootChecks
from serving.stream.sessions.redirects import RedirectMiddleware
from serving.stream.sessions.state import StreamState

__all__ = ["RedirectMiddleware", "block"]


@asynccontextmanager
async def _open(context: Context) -> AsyncIterator[OpenBlock]:
    async def ping() -> None:
        if hanging := state.readers.hanging():
            raise OSError(f"no response from {', '.join(hanging)}")
        await read_one(context.resources.probe_engine, MediaFile.id)

    state = StreamState(context, derived_key(context.settings, "playback"))
    roots = RootChecks(context, state.readers)
    listening = Subscription("now playing", (StreamEnded, UserChanged), state.on_event, state.after_gap)
    maintaining = asyncio.create_task(state.sessions.run_maintenance())
    try:
        yield OpenBlock(state, ping, subscriptions=(listening,), down=roots.down)
    finally:
        roots.close()
        state.readers.close()
        maintaining.cancel()
        with suppress(asyncio.CancelledError):
            await maintaining
        await state.sessions.close()


block = Block(
    "stream",
    _open,
    (file_bytes.router, playback.router, info.router),
    needs=(AUTHENTICATE, LOCATE, ADMIT, RENEW, RELEASE),
    quick=(file_bytes.quick,),
)

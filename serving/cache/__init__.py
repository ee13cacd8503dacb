"""Block cache: the location of the bytes of a title, the slots of players, and the cache tiers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import PlaybackSession
from orchestration.contracts import ADMIT, AUTHENTICATE, LOCATE, RELEASE, RENEW, START_RUN, Source, Wanted
from orchestration.registry import Provider
from serving.cache.location import locate
from serving.cache.popularity import PopularityListener
from serving.cache.routes import router
from serving.cache.slots import SlotProvider
from serving.kernel.block import Block, OpenBlock
from serving.kernel.context import Context
from serving.kernel.resources import read_one


@asynccontextmanager
async def _open(context: Context) -> AsyncIterator[OpenBlock]:
    async def located(request: Wanted) -> Source:
        async with AsyncSession(context.resources.engine) as session:
            return await locate(session, request.content_id, context.settings)

    slots = SlotProvider(context)
    providers = (
        Provider(LOCATE, located),
        Provider(ADMIT, slots.admit),
        Provider(RENEW, slots.renew),
        Provider(RELEASE, slots.release),
    )
    sweeping = asyncio.create_task(slots.run_sweeps())
    try:
        ping = partial(read_one, context.resources.probe_engine, PlaybackSession.id)
        yield OpenBlock(None, ping, providers, subscriptions=(PopularityListener(context).subscription,))
    finally:
        sweeping.cancel()
        with suppress(asyncio.CancelledError):
            await sweeping


block = Block(
    "cache", _open, (router,), provides=(LOCATE, ADMIT, RENEW, RELEASE), needs=(AUTHENTICATE, START_RUN)
)

"""What block stream holds while it serves."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from orchestration.contracts import AUTHENTICATE, RELEASE, RENEW
from orchestration.events import Event, StreamEvent, UserEvent
from serving.http.errors import ApiError
from serving.kernel.context import Context
from serving.stream.callers import Callers
from serving.stream.playing import NowPlaying
from serving.stream.queries import read_over
from serving.stream.readers import Readers


class StreamState:
    """`key` signs playback URLs."""

    def __init__(self, context: Context, key: bytes) -> None:
        self.context, self.key, self.readers = context, key, Readers()
        ask, lease = context.registry.ask, context.settings.stream_lease_seconds
        self.callers = Callers(partial(ask, AUTHENTICATE))
        self.now_playing = NowPlaying(partial(ask, RENEW), partial(ask, RELEASE), self.look, lease)

    async def look(self, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, ApiError | None]:
        """Of these sessions those that are not open, as `read_over` tells."""
        async with AsyncSession(self.context.resources.engine) as session:
            return await read_over(session, ids)

    async def on_event(self, event: Event) -> None:
        """A session ended, here or elsewhere, or a person may no longer watch."""
        if isinstance(event, UserEvent | StreamEvent):
            self.callers.forget(event.user_id)
        if isinstance(event, StreamEvent):
            self.now_playing.doubt([event.playback_id])
            await self.now_playing.look_at([event.playback_id])
        else:
            await self.now_playing.look_at_all()

    async def after_gap(self) -> None:
        """Ends may have been missed."""
        await self.now_playing.look_at_all()

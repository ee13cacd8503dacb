"""Index updates: send changed titles to the search server at once, instead of with the next ingest."""

from __future__ import annotations

import asyncio
import logging
import uuid
from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from orchestration.bus import Subscription
from orchestration.events import ContentCreated, ContentDeleted, ContentEvent, ContentUpdated, Event
from serving.search.server import SearchServer
from tasks.search.titles import due_among

# Changes are collected for this many seconds: a merge announces several.
_GATHERED = 0.1
# If more titles change at once, an ingest changed them, which sends them itself.
_MOST = 200

_log = logging.getLogger(__name__)


class IndexUpdates:
    """Sends changed titles. Titles that are not sent stay due for the next ingest."""

    def __init__(self, engine: AsyncEngine, server: SearchServer) -> None:
        self._engine, self._server = engine, server
        self._changed: set[uuid.UUID] = set()
        self._sending: asyncio.Task[None] | None = None
        kinds = (ContentCreated, ContentUpdated, ContentDeleted)
        self.subscription = Subscription("search index", kinds, self._note, self._after_gap)

    async def _note(self, event: Event) -> None:
        assert isinstance(event, ContentEvent)  # noqa: S101
        self._changed.add(event.content_id)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())

    async def _after_gap(self) -> None:
        """Do nothing: titles of missed events are due at the next ingest."""

    async def _send(self) -> None:
        while self._changed:
            await asyncio.sleep(_GATHERED)
            changed, self._changed = self._changed, set()
            if len(changed) > _MOST:
                continue
            try:
                await self._send_these(changed)
            except Exception as error:  # noqa: BLE001 - after any error the next ingest sends them
                reason = str(error).partition("\n")[0] or type(error).__name__
                _log.warning(
                    "could not send %d titles to the search server; the next ingest sends them: %s",
                    len(changed),
                    reason,
                )

    async def _send_these(self, changed: set[uuid.UUID]) -> None:
        async with AsyncSession(self._engine) as session:
            rows = (await session.execute(due_among(changed))).all()
        if rows:
            await self._server.send(rows)

    async def close(self) -> None:
        """Stop sending. The next ingest sends the rest."""
        if self._sending is not None:
            self._sending.cancel()
            with suppress(asyncio.CancelledError):
                await self._sending

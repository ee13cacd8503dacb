"""Popularity of titles: a view that makes a title hot starts its promotion at once."""

from __future__ import annotations

import datetime as dt
import logging

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import CachedFile, Content, ContentView
from orchestration.breaker import UnavailableError
from orchestration.bus import Subscription
from orchestration.contracts import START_RUN, RunRequest
from orchestration.events import ContentViewed, Event
from orchestration.registry import BlockDownError
from serving.http.errors import ApiError
from serving.kernel.context import Context
from tasks.promotion.policy import HOT_DAYS, HOT_VIEWS

# Redis keeps a count for this many seconds.
_COUNTED = 3_600

_log = logging.getLogger(__name__)


class PopularityListener:
    """Handles views. PostgreSQL counts the views of a title; Redis caches the count for other readers."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.subscription = Subscription("hot titles", (ContentViewed,), self._on_view, self._after_gap)

    async def _after_gap(self) -> None:
        """Do nothing: the scheduled promotion finds titles whose views were missed."""

    async def _on_view(self, event: Event) -> None:
        if not isinstance(event, ContentViewed):
            return
        views, copied = await self._count(event)
        await self._keep(event, views)
        if views < HOT_VIEWS or copied:
            return
        # The key limits this to one run a day, however many processes receive the event.
        key = f"hot-{event.content_id}-{dt.datetime.now(dt.UTC):%Y-%m-%d}"
        try:
            await self._context.registry.ask(START_RUN, RunRequest("promote-hot", {}, key))
        except (ApiError, BlockDownError) as error:
            _log.info("promotion of title %s waits for the schedule: %s", event.content_id, error)

    async def _count(self, event: ContentViewed) -> tuple[int, bool]:
        """Return the views in `HOT_DAYS`, and whether the title has a copy, or one is being made."""
        views = select(func.count()).where(
            ContentView.content_id == event.content_id,
            ContentView.viewed_at > func.now() - dt.timedelta(days=HOT_DAYS),
        )
        copied = (
            select(CachedFile.id)
            .join(Content, Content.best_file_id == CachedFile.media_file_id)
            .where(Content.id == event.content_id)
            .exists()
        )
        async with AsyncSession(self._context.resources.engine) as session:
            row = (await session.execute(select(views.scalar_subquery(), copied))).one()
        return row[0], row[1]

    async def _keep(self, event: ContentViewed, views: int) -> None:
        redis, breaker = self._context.l1.redis, self._context.l1.breaker
        if redis is None:
            return
        try:
            async with breaker.guard():
                await redis.set(f"content:views:{event.content_id}:{HOT_DAYS}d", views, ex=_COUNTED)
        except UnavailableError:
            return

"""`/api/admin/cache/…`: statistics of the tiers, clear L1, warm L2."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict

from fastapi import Request
from sqlalchemy import func, select

from catalog_models.reads.copies import ReadyCopy, ready_copies
from catalog_models.tables import Actor, CachedFile, PlaybackSession
from catalog_models.writes import audit_log
from orchestration.breaker import UnavailableError
from orchestration.contracts import START_RUN, RunRequest, Viewer
from orchestration.events import CacheCleared
from serving.cache.location import locate
from serving.cache.schemas import (
    CacheStats,
    Cleared,
    CopyList,
    Kept,
    Memory,
    OneCopy,
    Slots,
    Ssd,
    Tier,
    WarmingRun,
)
from serving.http.errors import CHANGING, FOR_ROLES, ApiError, documented
from serving.kernel.context import Context
from serving.kernel.l1 import L1
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.transaction import Work
from serving.kernel.viewer import Admin, address_of
from serving.titles.content_id import ContentId, ContentNotFoundError
from serving.titles.playback_errors import FileMissingError, NotPlayableError
from tasks.promotion.policy import HOT_DAYS

router = api_router("admin", "/admin/cache")

# The most hashes that the statistics show.
_SHOWN = 20


class MemoryUnavailableError(ApiError):
    """Redis is unavailable."""

    status = 503
    code = "CACHE_UNAVAILABLE"
    message = "Redis, which stores the cache, is unavailable; try again in a moment."


@router.get("/stats", summary="Get cache statistics", responses=documented(*FOR_ROLES))
async def get_cache_stats(request: Request, _: Admin, session: Session) -> CacheStats:
    """Return statistics of the four tiers: hit rates, copies, slots and queue, and bytes sent."""
    context: Context = request.state.context
    return CacheStats(
        l1=await _memory(context.l1),
        l2=await _ssd(context, session),
        l3=await _slots(context, session),
        l4=Tier(bytes_sent=context.metrics.bytes_of("nas")),
    )


@router.get("/copies", summary="List the copies on the SSD", responses=documented(*FOR_ROLES))
async def list_cached_copies(_: Admin, session: Session) -> CopyList:
    """List the copies on the SSD: why each is kept, how often it was played, and how many bytes it served.

    A copy that is being played is not evicted.
    """
    found = [_copy(each) for each in await session.run_sync(ready_copies, HOT_DAYS)]
    return CopyList(items=found, total=len(found), limit=len(found), offset=0)


@router.post(
    "/clear",
    summary="Clear the memory cache",
    responses=documented(*FOR_ROLES, *CHANGING, MemoryUnavailableError),
)
async def clear_cache(request: Request, admin: Admin, work: Work) -> Cleared:
    """Clear all responses cached in Redis (L1). They are computed again when they are requested.

    Sign-ins, slots and copies on the SSD are not affected.
    """
    context: Context = request.state.context
    try:
        cleared = Cleared(hashes=await context.l1.clear())
    except UnavailableError:
        raise MemoryUnavailableError from None
    details = cleared.model_dump()
    await work.run(audit_log.note, _actor(request, admin), "cache.cleared", ("cache", "l1"), details)
    work.announce(CacheCleared())
    return cleared


@router.post(
    "/warm/{content_id}",
    status_code=202,
    summary="Copy a title to the SSD",
    responses=documented(*FOR_ROLES, *CHANGING, ContentNotFoundError, FileMissingError, NotPlayableError),
)
async def warm_title(
    request: Request, content_id: ContentId, admin: Admin, session: Session, work: Work
) -> WarmingRun:
    """Start the flow `promote-hot` for this title.

    Repeated within a minute, the request returns the same run.

    The request fails as `POST /api/admin/runs/promote-hot` does: with `WORKER_DEPLOYMENT_NOT_FOUND` (404) if
    the flow is not deployed, and with `WORKER_PREFECT_UNAVAILABLE` (503).
    """
    context: Context = request.state.context
    await locate(session, content_id, context.settings)
    await session.close()
    key = f"warm-{content_id}-{int(time.time()) // 60}"
    wanted = RunRequest("promote-hot", {"content_id": str(content_id)}, key)
    run = await context.registry.ask(START_RUN, wanted)
    await work.run(audit_log.note, _actor(request, admin), "cache.warmed", ("content", content_id))
    return WarmingRun(**asdict(run))


def _actor(request: Request, viewer: Viewer) -> Actor:
    return Actor(viewer.username, viewer.user_id, address_of(request))


def _copy(ready: ReadyCopy) -> OneCopy:
    copy, title = ready.copy, ready.popularity
    return OneCopy(
        id=copy.id,
        content_id=title.content_id if title else None,
        title=ready.name,
        size=copy.size,
        why=ready.why,
        played=ready.in_use,
        hits=copy.hits,
        bytes_sent=copy.bytes_sent,
        views=title.views if title else 0,
        copied_at=copy.ready_at,
        used_at=copy.used_at,
    )


async def _ssd(context: Context, session: Session) -> Ssd:
    ready = select(func.count(), func.coalesce(func.sum(CachedFile.size), 0)).where(
        CachedFile.state == "ready"
    )
    copies, filled = (await session.execute(ready)).one()
    return Ssd(bytes_sent=context.metrics.bytes_of("ssd"), copies=copies, bytes=filled)


async def _memory(l1: L1) -> Memory:
    hashes = None
    try:
        hashes = len(await l1.names())
    except UnavailableError:
        state = "disconnected"
    else:
        state = "connected" if l1.redis is not None else "not configured"
    return Memory.model_validate(
        {
            "state": state,
            "hashes": hashes,
            "hits": l1.hits.total(),
            "misses": l1.misses.total(),
            "hit_rate": l1.hit_rate,
            "most_asked": [
                Kept(name=name, hits=l1.hits[name], misses=l1.misses[name])
                for name, _ in (Counter(l1.hits) + Counter(l1.misses)).most_common(_SHOWN)
            ],
        }
    )


async def _slots(context: Context, session: Session) -> Slots:
    playing = func.count().filter(PlaybackSession.started_at.is_not(None))
    statement = select(playing, func.count()).where(PlaybackSession.ended_at.is_(None))
    held, opened = (await session.execute(statement)).one()
    settings = context.settings
    return Slots(
        playing=held,
        limit=settings.stream_limit,
        limit_per_user=settings.stream_limit_per_user,
        waiting=opened - held,
        queue_limit=settings.stream_queue_limit,
        lease_seconds=settings.stream_lease_seconds,
    )

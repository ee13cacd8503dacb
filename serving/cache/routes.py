"""`/api/admin/cache/…`: statistics of the tiers, clearing the first, warming the second."""

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

# Hashes that the statistics show.
_SHOWN = 20


class MemoryUnavailableError(ApiError):
    """Redis does not answer."""

    status = 503
    code = "CACHE_UNAVAILABLE"
    message = "Redis, which the cache is kept in, does not answer; try again in a moment."


@router.get("/stats", summary="The tiers of the cache", responses=documented(*FOR_ROLES))
async def get_stats(request: Request, _: Admin, session: Session) -> CacheStats:
    """What is kept in memory and how often it is found there, slots and queue, bytes by tier."""
    context: Context = request.state.context
    return CacheStats(
        l1=await _memory(context.l1),
        l2=await _ssd(context, session),
        l3=await _slots(context, session),
        l4=Tier(bytes_sent=context.metrics.bytes_of("nas")),
    )


@router.get("/copies", summary="What is on the SSD", responses=documented(*FOR_ROLES))
async def list_copies(_: Admin, session: Session) -> CopyList:
    """Why each copy is there, how often it was played, and how many bytes it kept off the archive.

    A copy that is played is not evicted.
    """
    found = [_copy(each) for each in await session.run_sync(ready_copies, HOT_DAYS)]
    return CopyList(items=found, total=len(found), limit=len(found), offset=0)


@router.post(
    "/clear",
    summary="Empty the cache in memory",
    responses=documented(*FOR_ROLES, *CHANGING, MemoryUnavailableError),
)
async def clear(request: Request, admin: Admin, work: Work) -> Cleared:
    """Forget all responses that Redis keeps (L1). They are made again when they are requested.

    Sign-ins, slots and files on the SSD stay as they are.
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
async def warm(
    request: Request, content_id: ContentId, admin: Admin, session: Session, work: Work
) -> WarmingRun:
    """Starts the flow `promote-hot` for this title; asked twice in a minute, it is the same run.

    What hinders the start of a flow is answered as `POST /api/admin/runs/promote-hot` answers it:
    `WORKER_DEPLOYMENT_NOT_FOUND` (404) where that flow is not deployed, `WORKER_PREFECT_UNAVAILABLE` (503).
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

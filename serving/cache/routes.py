"""`/api/admin/cache/…`: what the tiers hold and did, and emptying the first."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter, Request
from sqlalchemy import func, select

from catalog_models.tables import PlaybackSession
from catalog_models.writes import audit_log
from catalog_models.writes.audit_log import Actor
from orchestration.breaker import UnavailableError
from orchestration.events import CacheCleared
from serving.block import Commons
from serving.cache.schemas import CacheStats, Cleared, Kept, Memory, Slots, Tier
from serving.errors import CHANGING, FOR_ROLES, ApiError, documented
from serving.l1 import L1
from serving.session import Session
from serving.transaction import Work
from serving.viewer import Admin, address_of

router = APIRouter(prefix="/admin/cache", tags=["admin"])

_SHOWN = 20  # kinds of answers


class MemoryUnavailableError(ApiError):
    """Redis does not answer."""

    status = 503
    code = "CACHE_UNAVAILABLE"
    message = "Redis, which the cache is kept in, does not answer; try again in a moment."


@router.head("/stats", include_in_schema=False)
@router.get("/stats", summary="The tiers of the cache", responses=documented(*FOR_ROLES))
async def get_stats(request: Request, _: Admin, session: Session) -> CacheStats:
    """What is kept in memory and how often it is found there, slots and queue, bytes by tier."""
    commons: Commons = request.state.commons
    return CacheStats(
        l1=await _memory(commons.l1),
        l2=Tier(bytes_sent=commons.measures.bytes_of("ssd")),
        l3=await _slots(commons, session),
        l4=Tier(bytes_sent=commons.measures.bytes_of("nas")),
    )


@router.post(
    "/clear",
    summary="Empty the cache in memory",
    responses=documented(*FOR_ROLES, *CHANGING, MemoryUnavailableError),
)
async def clear(request: Request, admin: Admin, work: Work) -> Cleared:
    """Forgets all answers that Redis keeps (L1); they are made anew when somebody asks. Sign-ins, slots and files on the
    SSD stay as they are."""
    commons: Commons = request.state.commons
    try:
        cleared = Cleared(hashes=await commons.l1.clear())
    except UnavailableError:
        raise MemoryUnavailableError from None
    actor = Actor(admin.username, admin.user_id, address_of(request))
    await work.run(audit_log.note, actor, "cache.cleared", ("cache", "l1"), cleared.model_dump())
    work.announce(CacheCleared())
    return cleared


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


async def _slots(commons: Commons, session: Session) -> Slots:
    playing = func.count().filter(PlaybackSession.started_at.is_not(None))
    statement = select(playing, func.count()).where(PlaybackSession.ended_at.is_(None))
    held, opened = (await session.execute(statement)).one()
    settings = commons.settings
    return Slots(
        playing=held,
        limit=settings.stream_limit,
        limit_per_user=settings.stream_limit_per_user,
        waiting=opened - held,
        queue_limit=settings.stream_queue_limit,
        lease_seconds=settings.stream_lease_seconds,
    )

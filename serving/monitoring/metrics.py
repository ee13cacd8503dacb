"""`GET /metrics`: metrics in the Prometheus text format, for admins and for programs on this machine."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from catalog_models.tables import PlaybackSession
from orchestration.bus import Subscription
from orchestration.contracts import AUTHENTICATE, Credentials
from orchestration.events import EVENTS, Event
from orchestration.loopback import is_loopback_host
from serving.http.errors import FOR_ROLES, ErrorAnswer, NotAllowedError, documented
from serving.kernel.context import Context
from serving.kernel.metrics import Metrics
from serving.kernel.resources import Session
from serving.kernel.routes import ApiRouter
from serving.kernel.viewer import Bearer, Cookie, address_of, token_of

# Only this operation declares the schema of errors; all others refer to it.
router = ApiRouter(
    tags=["health"], responses={"default": {"model": ErrorAnswer, "description": "Any other error."}}
)

# The most seconds that the database query may take.
_PATIENCE = 1.0

_EXAMPLE = 'cache_hit_rate{tier="l1"} 0.93\nactive_streams 12.0\nerror_rate 0.0\n'
_TEXT: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/plain": {"schema": {"type": "string"}, "example": _EXAMPLE}},
        "description": "The metrics in the Prometheus text format.",
    }
}


@router.get(
    "/metrics",
    summary="Get metrics for Prometheus",
    response_class=PlainTextResponse,
    responses={**_TEXT, **documented(*FOR_ROLES)},
    # Programs on this machine need no sign-in.
    openapi_extra={"security": [{}]},
)
async def get_metrics(request: Request, session: Session, bearer: Bearer, cookie: Cookie) -> Response:
    """Return the metrics of this process. Requires an admin; programs on this machine need no token.

    Latencies are seconds until the first byte of a response. `error_rate` is the share of 5xx responses in
    the last five minutes. Requests are counted per process. Streams and the queue are counted over all
    processes, and are missing while the database is unavailable.
    """
    if not _is_local(request):
        credentials = Credentials(token_of(request, bearer, cookie), address_of(request))
        viewer = await request.state.registry.ask(AUTHENTICATE, credentials)
        if viewer.role != "admin":
            raise NotAllowedError
    context: Context = request.state.context
    moment = CollectorRegistry()
    # Without the database, the other metrics are still reported.
    with suppress(SQLAlchemyError, OSError, TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            await _set_streams(moment, session)
    _set_rates(moment, context)
    body = generate_latest(context.metrics.registry) + generate_latest(moment)
    return Response(body, media_type=CONTENT_TYPE_LATEST)


def subscription(metrics: Metrics) -> Subscription:
    """Return the subscription that counts all events."""

    async def count(event: Event) -> None:
        metrics.count_event(event.name)

    async def after_gap() -> None:
        """Do nothing: the missed events are not counted."""

    return Subscription("metrics", EVENTS, count, after_gap)


def _is_local(request: Request) -> bool:
    """Return whether a program on this machine sent the request.

    Requests through an untrusted proxy do not count, nor those of a page whose domain resolves to this
    machine.
    """
    forwarded = any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip", "via"))
    try:
        named = is_loopback_host(request.headers.get("host", ""))
        return named and not forwarded and ip_address(address_of(request)).is_loopback
    except ValueError:
        return False


async def _set_streams(moment: CollectorRegistry, session: Session) -> None:
    started = func.count().filter(PlaybackSession.started_at.is_not(None))
    playing, open_ = (
        await session.execute(select(started, func.count()).where(PlaybackSession.ended_at.is_(None)))
    ).one()
    Gauge("active_streams", "Playback sessions that hold a slot", registry=moment).set(playing)
    Gauge("stream_queue_length", "Playback sessions that wait for a slot", registry=moment).set(
        open_ - playing
    )


def _set_rates(moment: CollectorRegistry, context: Context) -> None:
    rate = Gauge("cache_hit_rate", "Share of reads served by the tier", ["tier"], registry=moment)
    rate.labels("l1").set(context.l1.hit_rate)
    ssd, nas = (context.metrics.bytes_of(tier) for tier in ("ssd", "nas"))
    rate.labels("ssd").set(ssd / (ssd + nas) if ssd + nas else 0)
    Gauge("error_rate", "Share of 5xx responses in the last five minutes", registry=moment).set(
        context.metrics.error_rate.value()
    )

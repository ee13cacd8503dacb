"""`GET /api/health` (all blocks and dependencies) and `/api/health/live` (this process only)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict

from serving.kernel.routes import api_router
from serving.monitoring.probes import Monitor, State

Overall = Literal["healthy", "degraded", "unhealthy"]
BlockState = Literal["healthy", "slow", "unhealthy"]
Dependency = Literal["connected", "slow", "not configured", "disconnected"]

# If one of these is down, no request of a viewer succeeds.
VITAL = ("postgres", "auth")

_OF_BLOCKS: Mapping[State, BlockState] = {
    State.UP: "healthy",
    State.SLOW: "slow",
    State.DOWN: "unhealthy",
    State.NOT_CONFIGURED: "healthy",
}
_OF_DEPENDENCIES: Mapping[State, Dependency] = {
    State.UP: "connected",
    State.SLOW: "slow",
    State.DOWN: "disconnected",
    State.NOT_CONFIGURED: "not configured",
}


class Health(BaseModel):
    """The health of the service.

    `healthy`: everything that is configured works. `degraded`: something is slow, or something other than
    PostgreSQL and `auth` is down. `unhealthy`: PostgreSQL or `auth` is down. While a root of the archive
    cannot be read, `archive` appears among the `dependencies`; the dashboard of admins names the root.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "healthy",
                "blocks": {
                    "auth": "healthy",
                    "cache": "healthy",
                    "title_generator": "healthy",
                    "content": "healthy",
                    "search": "healthy",
                    "worker": "healthy",
                    "flat_catalog": "healthy",
                    "stream": "healthy",
                    "admin": "healthy",
                },
                "dependencies": {
                    "postgres": "connected",
                    "redis": "connected",
                    "meilisearch": "not configured",
                    "prefect": "connected",
                },
            }
        }
    )

    status: Overall
    blocks: dict[str, BlockState]
    dependencies: dict[str, Dependency]


class Live(BaseModel):
    """This process responds to requests."""

    model_config = ConfigDict(json_schema_extra={"example": {"status": "live"}})

    status: Literal["live"] = "live"


router = api_router("health")


@router.get(
    "/health",
    summary="Get the health of the service",
    responses={503: {"model": Health, "description": "Unhealthy: PostgreSQL or `auth` is down."}},
)
async def get_health(request: Request, response: Response) -> Health:
    """Return the health of all blocks and dependencies, with status 503 if the service is unhealthy.

    Each process measures at most once a second, for all callers. A measurement takes up to two seconds if a
    dependency does not respond. A dependency that responds late is `slow`.
    """
    health = await measure(request.state.monitor)
    if health.status == "unhealthy":
        response.status_code = 503
    return health


@router.get("/health/live", summary="Check that this process responds")
async def get_live() -> Live:
    """Return 200 without checking anything else.

    Use it for health checks of containers and load balancers, which should not take a process out of service
    for a fault that all processes share.
    """
    return Live()


async def measure(monitor: Monitor) -> Health:
    """Return the health from the current measurement, or from one that began less than a second ago."""
    states = await monitor.states()
    return Health(
        status=_overall(states.all()),
        blocks={name: _OF_BLOCKS[state] for name, state in states.blocks.items()},
        dependencies={name: _OF_DEPENDENCIES[state] for name, state in states.dependencies.items()},
    )


def _overall(states: Mapping[str, State]) -> Overall:
    if any(states.get(name) is State.DOWN for name in VITAL):
        return "unhealthy"
    return "degraded" if {State.DOWN, State.SLOW} & set(states.values()) else "healthy"

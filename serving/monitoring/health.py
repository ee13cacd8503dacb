"""`GET /api/health` (all blocks and dependencies) and `/api/health/live` (this process only)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict

from serving.kernel.renderer import Phase, Renderer
from serving.kernel.routes import api_router
from serving.monitoring.probes import Monitor, State

Overall = Literal["healthy", "degraded", "unhealthy"]
BlockState = Literal["healthy", "slow", "unhealthy"]
Dependency = Literal["connected", "slow", "not configured", "disconnected"]

WebState = Literal["healthy", "starting", "degraded", "not configured"]

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

_OF_PHASES: Mapping[Phase, WebState] = {Phase.OFF: "not configured", Phase.STARTING: "starting"}


class Web(BaseModel):
    """The health of the web app. While it is `degraded`, people get the plain page; `reason` says why."""

    status: WebState
    reason: str | None = None


class Health(BaseModel):
    """The health of the service.

    `healthy`: everything that is configured works. `degraded`: something is slow, or something other than
    PostgreSQL and `auth` is down, such as the web app. `unhealthy`: PostgreSQL or `auth` is down. While a
    root of the archive cannot be read, `archive` appears among the `dependencies`; the dashboard of admins
    names the root.
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
                "web": {"status": "healthy", "reason": None},
            }
        }
    )

    status: Overall
    blocks: dict[str, BlockState]
    dependencies: dict[str, Dependency]
    web: Web


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
    health = await measure(request.state.monitor, request.state.renderer)
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


async def measure(monitor: Monitor, renderer: Renderer) -> Health:
    """Return the health from the current measurement, or from one that began less than a second ago."""
    states, web = await monitor.states(), _web(renderer)
    overall = _overall(states.all())
    return Health(
        status="degraded" if web.status == "degraded" and overall == "healthy" else overall,
        blocks={name: _OF_BLOCKS[state] for name, state in states.blocks.items()},
        dependencies={name: _OF_DEPENDENCIES[state] for name, state in states.dependencies.items()},
        web=web,
    )


def _web(renderer: Renderer) -> Web:
    state = renderer.read()
    if state.problem is not None:
        return Web(status="degraded", reason=state.problem)
    return Web(status=_OF_PHASES.get(state.phase, "healthy"))


def _overall(states: Mapping[str, State]) -> Overall:
    if any(states.get(name) is State.DOWN for name in VITAL):
        return "unhealthy"
    return "degraded" if {State.DOWN, State.SLOW} & set(states.values()) else "healthy"

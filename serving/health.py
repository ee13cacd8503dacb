"""`GET /api/health`: what answers right now, asked at the moment of the request."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict

from orchestration.registry import BlockDownError
from serving.block import Block, Commons, NotConfiguredError, Opened, Ping, api_router
from serving.session import read_one

DEADLINE = 1.0  # seconds that a ping may take

Overall = Literal["healthy", "degraded", "unhealthy"]
BlockState = Literal["healthy", "unhealthy"]
Dependency = Literal["connected", "not configured", "disconnected"]

_log = logging.getLogger(__name__)


DEPENDENCIES = ("postgres", "redis", "meilisearch", "prefect")
VITAL = ("postgres", "auth")  # without them nobody is served


@dataclass(frozen=True, slots=True)
class Pings:
    """How to ask each block and each dependency; None: not configured."""

    blocks: Mapping[str, Ping]
    dependencies: Mapping[str, Ping | None]


class Health(BaseModel):
    """`unhealthy`: PostgreSQL or auth does not answer; `degraded`: anything else does not; `healthy`: all that is configured does."""

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


router = api_router("health")


@router.head("/health", include_in_schema=False)
@router.get(
    "/health",
    summary="Health of blocks and dependencies",
    responses={503: {"model": Health, "description": "Unhealthy: PostgreSQL or auth does not answer"}},
)
async def get_health(request: Request, response: Response) -> Health:
    """Pings everything, for a second at most; 503 when unhealthy."""
    health = await measure(request.state.pings)
    if health.status == "unhealthy":
        response.status_code = 503
    return health


def pings_of(commons: Commons, blocks: Sequence[Block], opened: Mapping[str, Opened]) -> Pings:
    """How to ask all blocks, those that are down too, and all that they depend on."""
    known: dict[str, Ping | None] = dict.fromkeys(DEPENDENCIES)
    known["postgres"] = partial(read_one, commons.resources.engine, None)
    known["redis"] = None if commons.l1.redis is None else commons.l1.redis.ping
    for block in opened.values():
        known |= block.dependencies
    return Pings({block.name: _ping(block.name, opened) for block in blocks}, known)


def _ping(name: str, opened: Mapping[str, Opened]) -> Ping:
    async def down() -> None:
        raise BlockDownError(name, "it could not be built")

    return opened[name].ping if name in opened else down


async def measure(pings: Pings) -> Health:
    """Ask all at once."""
    asked = {**pings.blocks, **pings.dependencies}
    well = dict(zip(asked, await asyncio.gather(*map(_answers, asked, asked.values())), strict=True))
    return Health(
        status=_overall(well),
        blocks={name: "unhealthy" if well[name] is False else "healthy" for name in pings.blocks},
        dependencies={name: _WORDS[well[name]] for name in pings.dependencies},
    )


_WORDS: dict[bool | None, Dependency] = {True: "connected", False: "disconnected", None: "not configured"}


def _overall(well: Mapping[str, bool | None]) -> Overall:
    if any(well.get(name) is False for name in VITAL):
        return "unhealthy"
    return "degraded" if False in well.values() else "healthy"


async def _answers(name: str, ping: Ping | None) -> bool | None:
    """Whether it answers in time, None when there is nothing to ask."""
    if ping is None:
        return None
    try:
        async with asyncio.timeout(DEADLINE):
            await ping()
    except NotConfiguredError:
        return None
    except Exception as error:  # noqa: BLE001 - whatever a ping raises is its answer
        _log.warning("%s does not answer: %s", name, str(error).partition("\n")[0] or type(error).__name__)
        return False
    return True

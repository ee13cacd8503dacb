"""Cache statistics for admins, and clearing the cache."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial

import httpx
import pytest
from pydantic import SecretStr
from redis import Redis as BlockingRedis
from redis import RedisError
from redis.asyncio import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.tables import AuditEntry
from orchestration.breaker import Breaker
from orchestration.contracts import START_RUN, RunRequest, RunStarted
from orchestration.registry import Provider
from orchestration.settings import Settings
from serving.app import BLOCKS, create_app
from serving.http.errors import ApiError
from serving.kernel.block import Block, OpenBlock
from serving.kernel.context import Context
from serving.kernel.l1 import L1
from serving.worker.errors import DeploymentNotFoundError
from tests.serving.conftest import Shelf, serving, sign_in, signed_in, unused_port
from tests.serving.test_stream import code

pytestmark = pytest.mark.shared_servers


def test_statistics_cover_all_tiers(admin: httpx.Client, client: httpx.Client, shelf: Shelf) -> None:
    title = shelf.add(content=b"0123456789")
    assert client.get(f"/api/stream/{title}").status_code == 200
    stats = admin.get("/api/admin/cache/stats").json()
    assert stats["l1"]["state"] == "connected"
    assert stats["l3"] == {
        "playing": 1,
        "limit": 100,
        "limit_per_user": 3,
        "waiting": 0,
        "queue_limit": 50,
        "lease_seconds": 45.0,
    }
    assert (stats["l2"], stats["l4"]) == ({"bytes_sent": 0, "copies": 0, "bytes": 0}, {"bytes_sent": 10})


def test_clearing_drops_only_cached_responses(admin: httpx.Client, shelf: Shelf, redis_url: str) -> None:
    async def keep() -> None:
        async with Redis.from_url(redis_url) as redis:
            l1 = L1(redis, Breaker("Redis", (RedisError,)))
            miss = await l1.get("tests:clear", "a")
            await l1.fill("tests:clear", "a", miss.ticket, b"answer", 60)

    asyncio.run(keep())
    with BlockingRedis.from_url(redis_url) as redis:
        redis.set("tests:blacklist", "kept", ex=60)
        cleared = admin.post("/api/admin/cache/clear")
        assert cleared.status_code == 200
        assert cleared.json()["hashes"] >= 1
        assert redis.exists("tests:clear") == 0
        assert redis.get("tests:blacklist") == b"kept"
    with Session(shelf.engine) as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["cache.cleared"]


def test_only_admins_manage_the_cache(client: httpx.Client, anonymous: httpx.Client) -> None:
    refused = [client.get("/api/admin/cache/stats"), client.post("/api/admin/cache/clear")]
    assert [(each.status_code, code(each)) for each in refused] == [(403, "AUTH_NOT_ALLOWED")] * 2
    assert anonymous.get("/api/admin/cache/stats").status_code == 401


def test_clearing_without_redis_clears_nothing(settings: Settings) -> None:
    gone = SecretStr(f"redis://127.0.0.1:{unused_port()}")
    for redis_url, state, status in ((None, "not configured", 200), (gone, "disconnected", 503)):
        with (
            serving(create_app(settings.model_copy(update={"redis_url": redis_url}))) as anonymous,
            signed_in(anonymous, sign_in(settings, "admin")) as admin,
        ):
            assert admin.get("/api/admin/cache/stats").json()["l1"]["state"] == state
            assert admin.post("/api/admin/cache/clear").status_code == status


def _worker(asked: list[RunRequest], refuses: ApiError | None = None) -> Block:
    """Return a block worker that starts no flows."""

    async def start(request: RunRequest) -> RunStarted:
        asked.append(request)
        if refuses:
            raise refuses
        return RunStarted(uuid.UUID(int=1), "calm-film", "Scheduled", None)

    @asynccontextmanager
    async def opened(_: Context) -> AsyncIterator[OpenBlock]:
        yield OpenBlock(None, partial(asyncio.sleep, 0), (Provider(START_RUN, start),))

    return Block("worker", opened, provides=(START_RUN,))


@contextmanager
def with_worker(settings: Settings, worker: Block) -> Iterator[httpx.Client]:
    """Yield an admin of a server with this worker."""
    blocks = [worker if block.name == "worker" else block for block in BLOCKS]
    with (
        serving(create_app(settings, blocks)) as anonymous,
        signed_in(anonymous, sign_in(settings, "admin")) as admin,
    ):
        yield admin


def test_warming_starts_at_most_one_run_a_minute(settings: Settings, shelf: Shelf) -> None:
    title, preparing = shelf.add(), shelf.add(status="preparing")
    asked: list[RunRequest] = []
    with with_worker(settings, _worker(asked)) as admin:
        answers = [admin.post(f"/api/admin/cache/warm/{title}") for _ in range(2)]
        refused = [
            admin.post(f"/api/admin/cache/warm/{each}").status_code for each in (preparing, uuid.uuid4())
        ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == {
        "run_id": str(uuid.UUID(int=1)),
        "name": "calm-film",
        "state": "Scheduled",
        "url": None,
    }
    assert {(each.deployment, each.parameters["content_id"]) for each in asked} == {
        ("promote-hot", str(title))
    }
    assert asked[0].idempotency_key
    assert refused == [409, 404]
    assert len(asked) == 2
    with Session(shelf.engine) as session:
        assert set(session.scalars(select(AuditEntry.target_id))) == {str(title)}


def test_warming_reports_a_missing_deployment(settings: Settings, shelf: Shelf) -> None:
    with with_worker(settings, _worker([], DeploymentNotFoundError())) as admin:
        refused = admin.post(f"/api/admin/cache/warm/{shelf.add()}")
    assert (refused.status_code, code(refused)) == (404, "WORKER_DEPLOYMENT_NOT_FOUND")

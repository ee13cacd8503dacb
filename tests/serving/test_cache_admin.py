"""What admins see of the cache, and emptying it."""

from __future__ import annotations

import asyncio

import httpx
from pydantic import SecretStr
from redis import Redis as BlockingRedis
from redis import RedisError
from redis.asyncio import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.tables import AuditEntry
from orchestration.breaker import Breaker
from orchestration.settings import Settings
from serving.app import create_app
from serving.l1 import L1
from tests.serving.conftest import Shelf, serving, sign_in, signed_in, unused_port
from tests.serving.test_stream import code


def test_the_tiers_are_told(admin: httpx.Client, client: httpx.Client, shelf: Shelf) -> None:
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
    assert (stats["l2"], stats["l4"]) == ({"bytes_sent": 0}, {"bytes_sent": 10})


def test_clearing_forgets_what_is_kept_and_nothing_else(
    admin: httpx.Client, shelf: Shelf, redis_url: str
) -> None:
    async def keep() -> None:
        async with Redis.from_url(redis_url) as redis:
            l1 = L1(redis, Breaker("Redis", (RedisError,)))
            miss = await l1.get("tests:clear", "a")
            await l1.fill("tests:clear", "a", miss.ticket, b"answer", 60)

    asyncio.run(keep())
    with BlockingRedis.from_url(redis_url) as redis:
        redis.set("tests:blacklist", "kept", ex=60)
        cleared = admin.post("/api/admin/cache/clear")
        assert cleared.status_code == 200 and cleared.json()["hashes"] >= 1
        assert redis.exists("tests:clear") == 0
        assert redis.get("tests:blacklist") == b"kept"
    with Session(shelf.engine) as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["cache.cleared"]


def test_the_cache_is_for_admins(client: httpx.Client, anonymous: httpx.Client) -> None:
    refused = [client.get("/api/admin/cache/stats"), client.post("/api/admin/cache/clear")]
    assert [(each.status_code, code(each)) for each in refused] == [(403, "AUTH_NOT_ALLOWED")] * 2
    assert anonymous.get("/api/admin/cache/stats").status_code == 401


def test_without_redis_there_is_nothing_to_clear(settings: Settings) -> None:
    gone = SecretStr(f"redis://127.0.0.1:{unused_port()}")
    for redis_url, state, status in ((None, "not configured", 200), (gone, "disconnected", 503)):
        with (
            serving(create_app(settings.model_copy(update={"redis_url": redis_url}))) as anonymous,
            signed_in(anonymous, sign_in(settings, "admin")) as admin,
        ):
            assert admin.get("/api/admin/cache/stats").json()["l1"]["state"] == state
            assert admin.post("/api/admin/cache/clear").status_code == status

"""A failing block does not affect the others. A value computed before a drop is not cached in L1 after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis import RedisError
from redis.asyncio import Redis

from orchestration.breaker import Breaker
from orchestration.contracts import LOCATE
from orchestration.registry import ContractError
from orchestration.settings import Settings
from serving import app as application
from serving.kernel.block import Block, OpenBlock
from serving.kernel.context import Context
from serving.kernel.l1 import L1
from tests.serving.conftest import serving, sign_in


@asynccontextmanager
async def _broken(context: Context) -> AsyncIterator[OpenBlock]:
    (context.settings.home / "nothing" / "there").read_bytes()
    yield OpenBlock(None, context.bus.run)


def test_a_block_that_cannot_be_opened_is_down_and_the_others_work(settings: Settings) -> None:
    broken = [
        Block(block.name, _broken, block.routers) if block.name == "search" else block
        for block in application.BLOCKS
    ]
    with serving(application.create_app(settings, broken)) as client:
        client.headers.update(sign_in(settings).headers)
        health = client.get("/api/health").json()
        searched, listed = client.get("/api/search?q=ace"), client.get("/api/contents")
    assert (health["status"], health["blocks"]["search"]) == ("degraded", "unhealthy")
    assert health["blocks"]["content"] == "healthy"
    assert (searched.status_code, searched.json()["error"]["code"]) == (503, "BLOCK_DOWN")
    assert searched.json()["error"]["details"] == {"block": "search"}
    assert listed.status_code == 200


def test_a_question_without_a_provider_prevents_the_start(settings: Settings) -> None:
    asking = Block("asking", _broken, needs=(LOCATE,))
    with pytest.raises(ContractError, match=r"asking needs cache\.locate"):
        application.create_app(settings, [asking])


def test_l1_keeps_a_value_until_it_is_dropped(redis_url: str) -> None:
    async def scenario() -> None:
        async with Redis.from_url(redis_url) as redis:
            l1 = L1(redis, Breaker("Redis", (RedisError,)))
            await l1.drop("tests:l1")
            miss = await l1.get("tests:l1", "a")
            await l1.fill("tests:l1", "a", miss.ticket, b"answer", 60)
            assert (await l1.get("tests:l1", "a")).value == b"answer"
            assert 0 < await redis.ttl("tests:l1") <= 60
            late = await l1.get("tests:l1", "b")
            await l1.drop("tests:l1")
            await l1.fill("tests:l1", "b", late.ticket, b"computed before the drop", 60)
            assert [(await l1.get("tests:l1", field)).value for field in "ab"] == [None, None]
            assert (l1.hits["tests:l1"], l1.misses["tests:l1"]) == (1, 4)
            early, late = await l1.get("tests:l1", "a"), await l1.get("tests:l1", "b")
            await l1.drop("tests:l1", "a")
            await l1.fill("tests:l1", "a", early.ticket, b"computed before its drop", 60)
            await l1.fill("tests:l1", "b", late.ticket, b"not dropped", 60)
            assert [(await l1.get("tests:l1", field)).value for field in "ab"] == [None, b"not dropped"]
            await l1.drop("tests:l1")

    asyncio.run(scenario())


def test_l1_without_redis_always_misses() -> None:
    async def scenario() -> None:
        async with Redis.from_url("redis://127.0.0.1:1") as gone:
            for l1 in (L1(None, Breaker("Redis", ())), L1(gone, Breaker("Redis", (RedisError,)))):
                miss = await l1.get("tests:l1", "a")
                await l1.fill("tests:l1", "a", miss.ticket, b"answer", 60)
                await l1.drop("tests:l1")
                assert miss.value is None

    asyncio.run(scenario())

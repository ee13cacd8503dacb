"""The Redis client sends concurrent commands together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from redis import RedisError, ResponseError
from redis.asyncio import Redis

from serving.kernel.redis_client import PipeliningRedis

KEY = "tests:pipelining"


def run(redis_url: str, scenario: Callable[[Redis], Awaitable[Any]]) -> Any:
    async def opened() -> Any:
        async with PipeliningRedis.from_url(redis_url) as redis:
            try:
                return await asyncio.wait_for(scenario(redis), 10)
            finally:
                await redis.delete(KEY, f"{KEY}:text")

    return asyncio.run(opened())


def test_each_command_has_its_own_result_or_error(redis_url: str) -> None:
    async def scenario(redis: Redis) -> list[Any]:
        await redis.set(f"{KEY}:text", "text")
        asked = [redis.hset(KEY, str(number), number) for number in range(20)]
        await asyncio.gather(*asked, redis.expire(KEY, 60))
        wrong = redis.hget(f"{KEY}:text", "field")
        return await asyncio.gather(
            *(redis.hget(KEY, str(number)) for number in range(20)),
            wrong,
            redis.ping(),
            return_exceptions=True,
        )

    *numbers, wrong, pinged = run(redis_url, scenario)
    assert numbers == [str(number).encode() for number in range(20)]
    assert isinstance(wrong, ResponseError)
    assert pinged is True


def test_concurrent_commands_take_two_round_trips(redis_url: str) -> None:
    async def scenario(redis: Redis) -> int:
        sent: list[int] = []
        pipeline = redis.pipeline

        def counted(**options: Any) -> Any:
            sent.append(1)
            return pipeline(**options)

        redis.pipeline = counted  # type: ignore[method-assign, assignment]
        await asyncio.gather(*(redis.get(KEY) for _ in range(100)))
        return len(sent)

    assert run(redis_url, scenario) <= 2


def test_a_cancelled_command_delays_no_others(redis_url: str) -> None:
    async def scenario(redis: Redis) -> Any:
        gone = asyncio.ensure_future(redis.get(KEY))
        await asyncio.sleep(0)
        gone.cancel()
        found = await asyncio.gather(redis.ping(), gone, return_exceptions=True)
        return [found[0], type(found[1]), await redis.ping()]

    assert run(redis_url, scenario) == [True, asyncio.CancelledError, True]


def test_a_script_that_redis_forgot_is_sent_again(redis_url: str) -> None:
    async def scenario(redis: Redis) -> Any:
        script = redis.register_script("return 7")
        first = await script()
        await redis.script_flush()
        return [first, *await asyncio.gather(*(script() for _ in range(5)))]

    assert run(redis_url, scenario) == [7] * 6


def test_without_redis_every_command_fails() -> None:
    async def scenario() -> list[Any]:
        async with PipeliningRedis.from_url("redis://127.0.0.1:1") as redis:
            return [
                await asyncio.gather(*(redis.ping() for _ in range(3)), return_exceptions=True) for _ in "ab"
            ]

    for found in asyncio.run(scenario()):
        assert [isinstance(error, RedisError) for error in found] == [True] * 3


@pytest.mark.parametrize("kind", [Redis, PipeliningRedis])
def test_a_lost_connection_is_replaced_silently(redis_url: str, kind: type[Redis]) -> None:
    async def scenario() -> list[Any]:
        async with kind.from_url(redis_url) as redis, Redis.from_url(redis_url) as other:
            own = await redis.client_id()
            await other.client_kill_filter(_id=str(own))
            return list(await asyncio.gather(*(redis.ping() for _ in range(3))))

    assert asyncio.run(scenario()) == [True] * 3

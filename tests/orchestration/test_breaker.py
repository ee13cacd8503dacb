"""The circuit breaker: an unavailable server is not called, and is found again."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from orchestration.breaker import Breaker, UnavailableError


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class RefusedError(Exception):
    """The error of the guarded server."""


async def _call(breaker: Breaker, error: Exception | None = None) -> bool:
    """Return whether the call was let through."""
    reached = False
    try:
        async with breaker.guard():
            reached = True
            if error is not None:
                raise error
    except UnavailableError:
        pass
    return reached


def test_after_three_failures_calls_are_refused_until_the_rest_ends() -> None:
    async def scenario() -> None:
        breaker = Breaker("it", (RefusedError,), failures=3, rest=5.0, clock=(clock := Clock()))
        assert [await _call(breaker, RefusedError()) for _ in range(5)] == [True, True, True, False, False]
        clock.now = 5.0
        assert [await _call(breaker, RefusedError()), await _call(breaker)] == [True, False]
        clock.now = 10.0
        assert [await _call(breaker), await _call(breaker), await _call(breaker)] == [True] * 3

    asyncio.run(scenario())


def test_other_calls_do_not_wait_for_the_trial_call() -> None:
    async def scenario() -> None:
        breaker = Breaker("it", (RefusedError,), failures=1, rest=1.0, clock=(clock := Clock()))
        await _call(breaker, RefusedError())
        clock.now = 1.0
        async with breaker.guard():
            assert not await _call(breaker)
        assert await _call(breaker)

    asyncio.run(scenario())


def test_a_call_has_a_deadline_and_the_error_names_the_server() -> None:
    async def scenario() -> None:
        with pytest.raises(UnavailableError, match="Prefect does not respond"):
            async with Breaker("Prefect", (), deadline=0.01).guard():
                await asyncio.sleep(60)

    asyncio.run(scenario())


def test_an_error_of_the_caller_passes_and_counts_as_a_response() -> None:
    async def scenario() -> None:
        breaker = Breaker("it", (RefusedError,), failures=1)
        with pytest.raises(KeyError):
            async with breaker.guard():
                raise KeyError
        assert not breaker.is_open

    asyncio.run(scenario())


@hypothesis_settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 10)), max_size=60))
def test_it_opens_only_after_enough_consecutive_failures(calls: list[tuple[bool, float]]) -> None:
    async def scenario() -> None:
        breaker = Breaker("it", (RefusedError,), failures=3, rest=5.0, clock=(clock := Clock()))
        failed_in_a_row = 0
        for well, pause in calls:
            clock.now += pause
            if await _call(breaker, None if well else RefusedError()):
                failed_in_a_row = 0 if well else failed_in_a_row + 1
            else:
                assert failed_in_a_row >= 3

    asyncio.run(scenario())

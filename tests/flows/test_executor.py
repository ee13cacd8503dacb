"""Steps run in threads, and chains of steps are started as needed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_models.errors import RefusedError
from flows.job.context import CancelledRunError, JobContext
from flows.job.executor import Executor, Later, in_flight, run_in_threads
from flows.job.steps import StepResult, step
from orchestration.transactions import Transactions
from tests.plugins.ingest import Ingest


@dataclass(frozen=True)
class Number:
    """A number that a step takes."""

    number: int
    label: str = "a number"


@dataclass(frozen=True, kw_only=True)
class Doubled(StepResult):
    """A number that a step returns."""

    number: int


@step("double", "test", tag="cpu")
def double(_context: JobContext, given: Number | Doubled) -> Doubled:
    """Double a number; refuse a negative one."""
    if given.number < 0:
        raise RefusedError(f"{given.number} is negative")
    return Doubled(number=2 * given.number, did="one number")


@pytest.fixture
def context(ingest: Ingest) -> JobContext:
    return JobContext(ingest.settings, Transactions(ingest.engine, ingest.events.append), ingest.pool)


def test_a_step_takes_the_value_of_another(context: JobContext) -> None:
    def body(steps: Executor) -> int:
        first = steps.submit(double, Number(3))
        second = steps.submit(double, first)
        return steps.submit(double, second, first).result().number

    assert run_in_threads(context, body) == 24


def test_steps_that_take_the_value_of_a_failed_step_raise_its_error(context: JobContext) -> None:
    def body(steps: Executor) -> int:
        return steps.submit(double, steps.submit(double, Number(-1))).result().number

    with pytest.raises(RefusedError, match="-1 is negative"):
        run_in_threads(context, body)


def test_a_step_that_only_follows_a_failed_step_runs(context: JobContext) -> None:
    def body(steps: Executor) -> int:
        failed = steps.submit(double, Number(-1))
        return steps.submit(double, Number(4), failed).result().number

    assert run_in_threads(context, body) == 8


def test_no_step_starts_after_the_run_is_cancelled(context: JobContext) -> None:
    context.cancellation.request("enough")
    with pytest.raises(CancelledRunError, match="enough"):
        run_in_threads(context, lambda steps: steps.submit(double, Number(1)).result())


def test_an_error_of_the_body_cancels_the_steps(context: JobContext) -> None:
    started = threading.Event()

    @step("wait", "test", tag="cpu")
    def wait(context: JobContext, _given: Number) -> Doubled:
        started.set()
        while True:
            context.cancellation.check()

    def body(steps: Executor) -> None:
        steps.submit(wait, Number(1))
        assert started.wait(30)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_in_threads(context, body)


class _Ended(Later[int]):
    """A chain that has ended with a number, or with an error if it is negative."""

    def __init__(self, number: int) -> None:
        self.number = number

    def result(self) -> int:
        if self.number < 0:
            raise RefusedError("a chain failed")
        return self.number


@given(numbers=st.lists(st.integers(0)), most=st.integers(1, 5))
def test_all_chains_end_in_their_order(numbers: list[int], most: int) -> None:
    assert [chain.result() for chain in in_flight(map(_Ended, numbers), most)] == numbers


@given(taken=st.integers(1, 5), most=st.integers(1, 5))
def test_no_more_chains_are_drawn_than_are_in_flight(taken: int, most: int) -> None:
    """The files of a chain are claimed when it is drawn: files that it does not read yet must stay free."""
    drawn: list[int] = []

    def chains() -> Iterator[_Ended]:
        for number in range(1_000):
            drawn.append(number)
            yield _Ended(number)

    flying = in_flight(chains(), most)
    for _ in range(taken):
        next(flying)
    assert len(drawn) == taken + most - 1


def test_the_error_of_a_chain_is_raised() -> None:
    with pytest.raises(RefusedError, match="a chain failed"):
        list(in_flight(map(_Ended, [1, -1, 2])))

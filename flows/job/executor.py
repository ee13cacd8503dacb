"""Executors run the steps of a job: here in threads, in `flows.prefect_runs` as task runs of a flow run."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from flows.job.context import Cancellation, JobContext
from flows.job.steps import Made, Step, Value

log = logging.getLogger(__name__)

THREADS = 32
"""A step that waits for its input holds a thread: three chains of five steps, and the steps around them."""

CHAINS = 3
"""Chains in flight: two keep the reading processes busy while the third is stored."""

_SHUTDOWN_SECONDS = 5.0

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Later(ABC, Generic[T_co]):
    """The value that a step returns when it has ended."""

    @abstractmethod
    def result(self) -> T_co:
        """Wait for the value. Raise the error of the step, or of the first step before it that failed."""


class Executor(Protocol):
    """Runs steps. A step starts when its value and all steps in `after` are there."""

    context: JobContext

    def submit(self, step: Step[Value, Made], value: Value | Later[Value], *after: Later[Any]) -> Later[Made]:
        """Start a step as soon as its input is there."""


def in_flight(chains: Iterable[Later[T]], most: int = CHAINS) -> Iterator[Later[T]]:
    """Start chains, at most `most` at a time; yield those that ended, in their order.

    `chains` is read lazily, so that files are claimed when their chain starts. Raise the error of a chain.
    """
    waiting: deque[Later[T]] = deque()
    for chain in chains:
        waiting.append(chain)
        if len(waiting) == most:
            yield _ended(waiting.popleft())
    while waiting:
        yield _ended(waiting.popleft())


def _ended(chain: Later[T]) -> Later[T]:
    chain.result()
    return chain


class ThreadExecutor:
    """Runs steps in threads of this process, without Prefect."""

    def __init__(self, context: JobContext) -> None:
        self.context = context
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="step")
        self._futures: set[Future[Any]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.context.cancellation.request("another step of the run failed")
        self._threads.shutdown(wait=False, cancel_futures=True)
        # A step whose file hangs ends only with the pool.
        wait(set(self._futures), timeout=_SHUTDOWN_SECONDS)

    def submit(self, step: Step[Value, Made], value: Value | Later[Value], *after: Later[Any]) -> Later[Made]:
        future = self._threads.submit(self._run, step, value, after)
        self._futures.add(future)
        future.add_done_callback(self._futures.discard)
        return _Thread(future)

    def _run(self, step: Step[Value, Made], value: Value | Later[Value], after: Iterable[Later[Any]]) -> Made:
        # They only order: this step starts even if one of them failed, as in Prefect.
        for one in after:
            with suppress(Exception):
                one.result()
        given = value.result() if isinstance(value, Later) else value
        return step.run(self.context, given, log)


class _Thread(Later[T]):
    def __init__(self, future: Future[T]) -> None:
        self._future = future

    def result(self) -> T:
        return self._future.result()


def run_in_threads(context: JobContext, body: Callable[[Executor], T]) -> T:
    """Run the body of a job without Prefect, and return its result."""
    # A failed run cancels its own steps, and no other run in the same context.
    with ThreadExecutor(replace(context, cancellation=Cancellation(context.cancellation))) as steps:
        return body(steps)

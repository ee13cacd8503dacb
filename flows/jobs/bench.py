"""Where a run has its work done, a batch at a time: here, in the open; as Prefect task runs in `flows.observed`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Protocol, TypeVar

from tasks.media.patience import patiently
from tasks.media.pool import MediaPool, Outcome

Item = TypeVar("Item")
Value = TypeVar("Value")
T = TypeVar("T")
Calls = Iterable[tuple[Item, tuple[Any, ...]]]

BATCH = 100  # files: enough that storing one costs little, and that a task run for each costs nothing


class Bench(Protocol):
    """Does the work of a run."""

    def open_files(
        self, stage: str, pool: MediaPool, calls: Calls[Item], deadline: float
    ) -> Iterator[Sequence[Outcome[Item, Any]]]:
        """Make the calls `(item, (function, *arguments))` in the pool's processes, `deadline` seconds each; outcomes
        come a batch at a time. `calls` is drawn from lazily."""

    def do(self, stage: str, what: str, work: Callable[[], T]) -> T:
        """Do a piece of work, `what` says which, here and now."""


class PlainBench:
    """Does it, and that is all."""

    def open_files(
        self,
        stage: str,  # noqa: ARG002  # the protocol's
        pool: MediaPool,
        calls: Calls[Item],
        deadline: float,
    ) -> Iterator[Sequence[Outcome[Item, Any]]]:
        """As outcomes come."""
        return batches(pool.run(patiently, calls, deadline), BATCH)

    def do(self, stage: str, what: str, work: Callable[[], T]) -> T:  # noqa: ARG002  # the protocol's
        """At once."""
        return work()


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of `size`, the last one shorter; each as soon as it is full."""
    remaining = iter(items)
    for first in remaining:
        yield list(chain([first], islice(remaining, size - 1)))

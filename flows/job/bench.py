"""Where a run has its work done, a batch at a time: here, in the open; as Prefect task runs in `flows.observed`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Protocol, TypeVar

from catalog_models.values import ClaimedFile
from flows.job.outages import Outages
from tasks.media.pool import MediaPool, Outcome

T = TypeVar("T")
Calls = Iterable[tuple[ClaimedFile, tuple[Any, ...]]]
Outcomes = Sequence[Outcome[ClaimedFile, Any]]

BATCH = 100  # files: enough that storing one costs little, and that a task run for each costs nothing


@dataclass(frozen=True, slots=True)
class Opening:
    """How files are opened: in the processes of the pool, `deadline` seconds each, and none of a root that is down."""

    pool: MediaPool
    deadline: float
    outages: Outages

    def outcomes(self, calls: Calls) -> Iterator[Outcome[ClaimedFile, Any]]:
        """Make the calls `(file, (function, *arguments))`."""
        return self.outages.open_files(self.pool, calls, self.deadline)


class Bench(Protocol):
    """Does the work of a run."""

    def open_files(self, stage: str, opening: Opening, calls: Calls) -> Iterator[Outcomes]:
        """Make the calls `(file, (function, *arguments))`; outcomes come a batch at a time. `calls` is drawn from lazily."""

    def do(self, stage: str, what: str, work: Callable[[], T]) -> T:
        """Do a piece of work, `what` says which, here and now."""


class PlainBench:
    """Does it, and that is all."""

    def open_files(
        self,
        stage: str,  # noqa: ARG002  # the protocol's
        opening: Opening,
        calls: Calls,
    ) -> Iterator[Outcomes]:
        """As outcomes come."""
        return batches(opening.outcomes(calls), BATCH)

    def do(self, stage: str, what: str, work: Callable[[], T]) -> T:  # noqa: ARG002  # the protocol's
        """At once."""
        return work()


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of `size`, the last one shorter; each as soon as it is full."""
    remaining = iter(items)
    for first in remaining:
        yield list(chain([first], islice(remaining, size - 1)))

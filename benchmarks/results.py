"""A measured figure, and its row in the table."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


class NotMeasurableError(Exception):
    """This machine lacks a requirement of the benchmark, which the message names."""


@dataclass(frozen=True)
class Result:
    """`ours` compared with `theirs`, both in `unit`.

    `claim` is the highest value that we promise: of the ratio if `theirs` is given, of `ours` otherwise.
    """

    what: str
    ours: float
    theirs: float | None
    unit: str
    claim: float | None

    @property
    def ratio(self) -> float | None:
        return self.ours / self.theirs if self.theirs else None

    @property
    def holds(self) -> bool:
        """Return whether the figure keeps its claim; True without a claim."""
        return self.claim is None or (self.ours if self.ratio is None else self.ratio) <= self.claim

    def cells(self) -> list[str]:
        """Return the cells of the row: what, measured, beside, ratio, claim."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}×"
        return [self.what, self._shown(self.ours), self._shown(self.theirs), ratio, self._claim()]

    def _shown(self, value: float | None) -> str:
        return "" if value is None else f"{value:.3g} {self.unit}".strip()

    def _claim(self) -> str:
        if self.claim is None:
            return ""
        limit = f"≤ {self.claim:.4g}" + (f" {self.unit}" if self.ratio is None else "×")
        return limit if self.holds else f"{limit}: **missed**"


def best_of(times: int, work: Callable[[], object]) -> float:
    """Return the seconds of the fastest of several runs, because other work only slows runs down."""
    return min(seconds_of(work) for _ in range(times))


def best_of_both(times: int, ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds of the fastest run of each; they alternate, to have the same conditions."""
    turns = [(seconds_of(ours), seconds_of(theirs)) for _ in range(times)]
    return min(turn[0] for turn in turns), min(turn[1] for turn in turns)


def seconds_of(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started

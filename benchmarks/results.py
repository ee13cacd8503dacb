"""A measured claim."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """`ours` beside `theirs` in `unit`; `claim` is the highest ratio that we promise, or the highest value of ours, if any."""

    what: str
    ours: float
    theirs: float | None
    unit: str
    claim: float | None

    def row(self) -> str:
        """A line of a Markdown table."""
        ratio = self.ours / self.theirs if self.theirs else None
        beside = f"{self.theirs:.3g} {self.unit}" if self.theirs else ""
        limit = f"≤ {self.claim:g}" + ("×" if ratio is not None else f" {self.unit}") if self.claim else ""
        return f"| {self.what} | {self.ours:.3g} {self.unit} | {beside} | {f'{ratio:.2f}×' if ratio else ''} | {limit} |"


def best_of(times: int, work: Callable[[], object]) -> float:
    """Seconds of the fastest of several runs: what others do on the machine only ever adds."""
    return min(_seconds(work) for _ in range(times))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started

"""The peak memory of processes during a measurement."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

import psutil


def of_this_process() -> float:
    """Return the resident memory of this process, in MB."""
    return psutil.Process().memory_info().rss / 1e6


def with_children() -> float:
    """Return the proportional set size of this process and its children, in MB: shared pages count once."""
    this, total = psutil.Process(), 0
    for process in [this, *this.children(recursive=True)]:
        with suppress(psutil.Error):
            total += process.memory_full_info().pss
    return total / 1e6


class PeakMemory:
    """The highest of the samples, in MB. `sample` is called every `seconds`, and costs processor time."""

    def __init__(self, sample: Callable[[], float], seconds: float) -> None:
        self._sample, self._seconds = sample, seconds
        self._done = threading.Event()
        self.peak = 0.0

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(self._seconds):
            self.peak = max(self.peak, self._sample())

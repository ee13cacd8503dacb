"""Progress as a Prefect artifact, beside the bars of the command line."""

from __future__ import annotations

import threading
import uuid

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.logging import get_run_logger

from flows.job.context import Progress
from orchestration.markdown import cell

_MOST = 99.0
"""Percent that a run shows until it has ended."""


class ObservedProgress:
    """Counts the work of all stages, and passes everything to `inner`. Threads may share it.

    The percentage never falls, even if a stage begins whose work was not known before.
    """

    def __init__(self, inner: Progress) -> None:
        self._inner = inner
        self._lock = threading.Lock()
        self._total: dict[str, int] = {}
        self._done: dict[str, int] = {}
        self._units: dict[str, str] = {}
        self._line = ""
        self._sent = ""
        self._percent = 0.0
        self._artifact: uuid.UUID | None = None

    def begin(self, stage: str, total: int | None, unit: str = "files") -> None:
        """Begin a stage, or add `total` units to one that has begun."""
        self._inner.begin(stage, total, unit)
        with self._lock:
            self._units[stage] = unit
            self._total[stage] = self._done.setdefault(stage, 0) + (total or 0)

    def advance(self, stage: str, done: int) -> None:
        """Count `done` more units of a stage."""
        self._inner.advance(stage, done)
        with self._lock:
            self._done[stage] = self._done.get(stage, 0) + done
            # Some files may be read twice.
            self._total[stage] = max(self._total.get(stage, 0), self._done[stage])
            self._line = (
                f"{stage}: {self._done[stage]:,} of {self._total[stage]:,} {self._units.get(stage, '')}"
            )

    def warn(self, message: str) -> None:
        """Show a warning, and log it."""
        self._inner.warn(message)
        get_run_logger().warning(message)

    def counts(self) -> list[tuple[str, int, str]]:
        """Return the stages in the order in which they began, each with its amount of work and its unit."""
        with self._lock:
            return [
                (stage, done, self._units.get(stage, "files")) for stage, done in self._done.items() if done
            ]

    def send(self) -> None:
        """Update the artifact, if something changed."""
        if self._line != self._sent:
            self._sent = self._line
            total = sum(self._total.values())
            now = 100 * sum(self._done.values()) / total if total else 0.0
            self._percent = max(self._percent, min(_MOST, now))
            self._show(self._percent, self._line)

    def finish(self) -> None:
        """Show that the run has ended. A run that was too short for progress shows none."""
        if self._artifact is not None:
            self._show(100.0, "done")

    def _show(self, percent: float, line: str) -> None:
        description = cell(line)
        if self._artifact is None:
            made = create_progress_artifact(progress=percent, description=description)
            self._artifact = made if isinstance(made, uuid.UUID) else None
        else:
            update_progress_artifact(self._artifact, progress=percent, description=description)

"""Progress as a Prefect artifact, beside the bars of the command line."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.logging import get_run_logger

from flows.job.context import Progress
from orchestration.markdown import cell


class ObservedProgress:
    """Counts what is done of all stages' work, and tells `inner` of everything; `tell` tells Prefect."""

    def __init__(self, inner: Progress, check: Callable[[], None]) -> None:
        self._inner = inner
        self._check = check
        self._total: dict[str, int] = {}
        self._done: dict[str, int] = {}
        self._units: dict[str, str] = {}
        self._says = ""
        self._told = ""
        self._artifact: uuid.UUID | None = None

    def begin(self, stage: str, total: int | None, unit: str = "files") -> None:
        """A stage begins."""
        self._inner.begin(stage, total, unit)
        self._units[stage] = unit
        self._total[stage], self._done[stage] = total or 0, 0

    def advance(self, stage: str, done: int) -> None:
        """So many more are done."""
        self._check()
        self._inner.advance(stage, done)
        self._done[stage] = self._done.get(stage, 0) + done
        self._says = (
            f"{stage}: {self._done[stage]:,} of {self._total.get(stage, 0):,} {self._units.get(stage, '')}"
        )

    def warn(self, message: str) -> None:
        """Say it in the run's log, too."""
        self._inner.warn(message)
        get_run_logger().warning(message)

    def tell(self) -> None:
        """Bring the artifact up to date, where there is news."""
        if self._says != self._told:
            self._told = self._says
            total = sum(self._total.values())
            self._show(min(99.0, 100 * sum(self._done.values()) / total) if total else 0.0, self._says)

    def finish(self) -> None:
        """All is done; a run that was too short for progress has none to show."""
        if self._artifact is not None:
            self._show(100.0, "done")

    def _show(self, percent: float, says: str) -> None:
        description = cell(says)
        if self._artifact is None:
            made = create_progress_artifact(progress=percent, description=description)
            self._artifact = made if isinstance(made, uuid.UUID) else None
        else:
            update_progress_artifact(self._artifact, progress=percent, description=description)

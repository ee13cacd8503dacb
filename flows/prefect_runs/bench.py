"""The bench of a flow run: each batch is a task run."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

from prefect.context import TaskRunContext
from prefect.futures import PrefectFuture
from prefect.logging import get_run_logger
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from catalog_models.values import ClaimedFile, counted, text_of
from flows.job.bench import BATCH, Calls, Opening, Outcomes, batches
from flows.job.file_errors import gave_up_on, words
from orchestration.markdown import printable
from tasks.media.pool import Outcome
from tasks.observed import TASKS

T = TypeVar("T")

IN_FLIGHT = 3
"""Batches at once: two keep the reading processes busy while the third is waiting to be stored."""


def batch_runner() -> TaskRunner[PrefectFuture[Any]]:
    """A bounded task runner: without a bound every batch would be claimed at once, and have a thread."""
    runner: Any = ThreadPoolTaskRunner(max_workers=IN_FLIGHT)
    bounded: TaskRunner[PrefectFuture[Any]] = runner
    return bounded


class ObservedBench:
    """Has the work done by task runs of the flow run that we are in. `check` raises when the run is to end."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self.failed_in: dict[uuid.UUID, uuid.UUID] = {}
        """The task runs in which files failed, by file."""

    def open_files(self, stage: str, opening: Opening, calls: Calls) -> Iterator[Outcomes]:
        """As batches come; the next ones are claimed and read meanwhile."""
        waiting: deque[PrefectFuture[Outcomes]] = deque()
        for batch in batches(calls, BATCH):
            self._check()
            work = partial(self._open, opening, batch)
            waiting.append(_named(stage, _files(stage, batch)).submit(work))
            if len(waiting) == IN_FLIGHT:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _open(self, opening: Opening, batch: Sequence[tuple[ClaimedFile, tuple[Any, ...]]]) -> Outcomes:
        done = []
        for outcome in opening.outcomes(batch):
            self._check()
            if gave_up_on(outcome.error):
                self._note(outcome)
            done.append(outcome)
        return done

    def _note(self, outcome: Outcome[Any, Any]) -> None:
        """Say it in the task run's own log, and remember which one that is."""
        get_run_logger().warning("%s: %s", text_of(outcome.item.path), words(outcome.error))
        context = TaskRunContext.get()
        if context is not None:
            self.failed_in[outcome.item.id] = context.task_run.id

    def do(self, stage: str, what: str, work: Callable[[], T]) -> T:
        """As a task run of its own, in our thread."""
        self._check()
        result: T = _named(stage, what)(work)
        return result


def _named(stage: str, name: str) -> Any:
    return TASKS[stage].with_options(task_run_name=printable(name).replace("{", "{{").replace("}", "}}"))


def _files(stage: str, batch: Sequence[tuple[Any, tuple[Any, ...]]]) -> str:
    """`metadata: 100 files from 2009/Show 11.mov on`."""
    first = batch[0][0]
    names = text_of(first.path).rsplit("/", 2)[1:] if isinstance(first, ClaimedFile) else []
    return f"{stage}: {counted(len(batch), 'file')}" + (f" from {'/'.join(names)} on" if names else "")

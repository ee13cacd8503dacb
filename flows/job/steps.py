"""Steps of jobs: typed functions with the names, tags and retries that an executor needs.

A step takes one value and returns one. It gets the context of the job from its executor, and imports no
Prefect. A step has no deadline, because no executor can end a thread: each file has one in its process, and
each request.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from flows.job.context import JobContext
from orchestration.markdown import printable


class Labelled(Protocol):
    """A value that a step takes; its label names the run of the step."""

    @property
    def label(self) -> str:
        """Return the object of the step: a folder, a title, `100 files from 2009/Show 11.mov on`."""


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """The result of a step: ids and counts for the next step, and a line for users.

    `did`: what the step did, such as "100 files". `problems`: what went wrong, such as "2 unreadable: a.mp4,
    b.mp4". `warnings`: a line for the log for each file or title that went wrong, with the reason. `failed`:
    files that a step gave up on.
    """

    did: str = ""
    problems: str = ""
    warnings: tuple[str, ...] = ()
    failed: tuple[uuid.UUID, ...] = ()

    @property
    def label(self) -> str:
        """Return the object of the next step."""
        return ""

    def line(self, stage: str, seconds: float) -> str:
        """Return the line for the log of the run."""
        said = f"{stage}: {self.did or 'done'} in {seconds:.1f} s"
        return f"{said}; {self.problems}" if self.problems else said


Log = logging.Logger | logging.LoggerAdapter[Any]

Value = TypeVar("Value", bound=Labelled)
Made = TypeVar("Made", bound=StepResult)


@dataclass(frozen=True)
class Step(Generic[Value, Made]):
    """A step of a job.

    `stage` begins its log lines and the names of its runs. `tag`: what its runs need of a host; Prefect can
    limit the concurrent runs with a tag. `retries`: further tries by Prefect after an unexpected error; an
    `ExpectedError` is final.
    """

    work: Callable[[JobContext, Value], Made]
    name: str
    stage: str
    tag: str
    retries: int

    @property
    def description(self) -> str:
        """Return the first line of the function's docstring."""
        return (self.work.__doc__ or self.name).partition("\n")[0]

    def run_name(self, value: Value) -> str:
        """Return the name of a run of the step: `metadata: 100 files from 2009/Show 11.mov on`."""
        return printable(f"{self.stage}: {value.label}" if value.label else self.stage)

    def run(self, context: JobContext, value: Value, log: Log) -> Made:
        """Do the work, and log the result. Raise `CancelledRunError` if the run is to end."""
        context.cancellation.check()
        began = time.monotonic()
        made = self.work(context, value)
        for warning in made.warnings:
            log.warning(warning)
        log.info(made.line(self.stage, time.monotonic() - began))
        return made


def step(
    name: str, stage: str, *, tag: str, retries: int = 1
) -> Callable[[Callable[[JobContext, Value], Made]], Step[Value, Made]]:
    """Declare a function as a step."""

    def declare(work: Callable[[JobContext, Value], Made]) -> Step[Value, Made]:
        return Step(work, name, stage, tag, retries)

    return declare

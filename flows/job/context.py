"""The context of a job: the resources of its steps, and notes that they share."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, field
from typing import Any, Protocol

from catalog_models.errors import ExpectedError
from catalog_models.scope import Scope
from flows.job.claims import process_name
from flows.job.outages import Outages
from orchestration.settings import Settings
from orchestration.transactions import Transactions
from tasks.media.pool import MediaPool
from tasks.quality import Judge, Judgement, PlainJudge


class CancelledRunError(ExpectedError):
    """The run was cancelled, in the Prefect UI or because another of its steps failed."""

    code = "cancelled"


class Cancellation:
    """Whether a run is to end early. Threads share it.

    `of`: the cancellation of a whole command, which also ends this run. A run that cancels itself does not
    end the command.
    """

    def __init__(self, of: Cancellation | None = None) -> None:
        self._of = of
        self._requested = threading.Event()
        self._reason = ""

    def request(self, reason: str) -> None:
        """Make each step of the run end at its next `check`."""
        self._reason = self._reason or reason
        self._requested.set()

    @property
    def is_requested(self) -> bool:
        """Return whether the run is to end early."""
        return self._requested.is_set() or (self._of is not None and self._of.is_requested)

    def check(self) -> None:
        """Raise `CancelledRunError` if the run is to end."""
        if self._of is not None:
            self._of.check()
        if self._requested.is_set():
            raise CancelledRunError(self._reason)


class Progress(Protocol):
    """Receives the progress of each stage. Threads may share it."""

    def begin(self, stage: str, total: int | None, unit: str = "files") -> None:
        """Begin a stage with `total` units of work; None: not known yet."""

    def advance(self, stage: str, done: int) -> None:
        """Count `done` more units of a stage."""

    def warn(self, message: str) -> None:
        """Show a warning; the run continues."""


class NoProgress:
    """Progress that is not shown."""

    def begin(self, stage: str, total: int | None, unit: str = "files") -> None: ...

    def advance(self, stage: str, done: int) -> None: ...

    def warn(self, message: str) -> None: ...


@dataclass
class Notes:
    """Notes that the steps of one run leave for each other. Each field only grows.

    `changing`: files that changed while they were read; this run does not claim them again.
    `without_pictures`: files whose facts are read alone: together with pictures they took too much.
    `judgements`: the results of the quality gate.
    `search_problem`: why the search server failed; it is not tried again in this run.
    `unwritable`: why pictures cannot be written; no more are made in this run.
    `scopes`: the files that the run was about, for its report; None: all roots.
    `previous`: for each root of the run, the summary of the run before; empty if there is none.
    """

    changing: set[uuid.UUID] = field(default_factory=set)
    without_pictures: set[uuid.UUID] = field(default_factory=set)
    judgements: list[Judgement] = field(default_factory=list)
    search_problem: str | None = None
    unwritable: str | None = None
    scopes: list[Scope | None] = field(default_factory=list)
    previous: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class JobContext:
    """The resources of the steps of one run.

    `pool` opens files, `gate` judges them, `owner` names this process in claims, `outages` has the roots that
    are down.
    """

    settings: Settings
    transactions: Transactions
    pool: MediaPool
    progress: Progress = field(default_factory=NoProgress)
    gate: Judge = field(default_factory=PlainJudge)
    cancellation: Cancellation = field(default_factory=Cancellation)
    notes: Notes = field(default_factory=Notes)
    owner: str = field(default_factory=process_name)
    outages: Outages = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "outages", Outages(self.transactions))

    def advance(self, stage: str, done: int) -> None:
        """Count work of a stage. Raise `CancelledRunError` if the run is to end."""
        self.cancellation.check()
        self.progress.advance(stage, done)

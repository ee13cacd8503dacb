"""What a run carries through its stages, and how it tells of its progress."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Protocol

from catalog_models.scope import Scope
from flows.job.bench import Bench, PlainBench
from flows.job.claims import process_name
from flows.job.outages import Outages
from orchestration.settings import Settings
from orchestration.transactions import Transactions
from tasks.media.pool import MediaPool
from tasks.quality import Judge, Judgement, PlainJudge


class Progress(Protocol):
    """Told of every stage as it goes. `total` None: not known yet."""

    def begin(self, stage: str, total: int | None, unit: str = "files") -> None:
        """A stage begins, with so many files, or what else its `unit` says, to do."""

    def advance(self, stage: str, done: int) -> None:
        """So many more are done."""

    def warn(self, message: str) -> None:
        """Something a person should know, while the rest goes on."""


class NoProgress:
    """Progress for whoever does not look."""

    def begin(self, stage: str, total: int | None, unit: str = "files") -> None: ...

    def advance(self, stage: str, done: int) -> None: ...

    def warn(self, message: str) -> None: ...


@dataclass(frozen=True)
class JobContext:
    """What all jobs work with: the `pool` opens files, the `bench` has the work done, the `gate` judges what was read.

    `judged` keeps what the gate said.
    """

    settings: Settings
    transactions: Transactions
    pool: MediaPool
    progress: Progress = field(default_factory=NoProgress)
    bench: Bench = field(default_factory=PlainBench)
    gate: Judge = field(default_factory=PlainJudge)
    judged: list[Judgement] = field(default_factory=list)


@dataclass(frozen=True)
class Run:
    """One run over a scope of the archive, by one process, `owner`.

    `left` collects the files that changed while they were read: this run does not take them again. `apart` collects
    those that one visit for facts and pictures was too much for. `outages` knows the roots that are down.
    """

    place: JobContext
    scope: Scope | None
    owner: str = field(default_factory=process_name)
    left: set[uuid.UUID] = field(default_factory=set)
    apart: set[uuid.UUID] = field(default_factory=set)
    outages: Outages = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "outages", Outages(self.place.transactions))

    @property
    def settings(self) -> Settings:
        return self.place.settings

    @property
    def transactions(self) -> Transactions:
        return self.place.transactions

    @property
    def progress(self) -> Progress:
        return self.place.progress

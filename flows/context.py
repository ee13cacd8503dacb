"""What a run carries through its stages, and how it tells of its progress."""

from __future__ import annotations

import os
import socket
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sqlalchemy import select

from catalog_models.archive import MediaFile
from catalog_models.scope import Scope
from catalog_models.writes import media_files
from orchestration.settings import Settings
from orchestration.transactions import Transactions
from tasks.media.pool import MediaPool
from tasks.quality import Judge, Judgement, PlainJudge


class Progress(Protocol):
    """Told of every stage as it goes. `total` None: not known yet."""

    def begin(self, stage: str, total: int | None) -> None:
        """A stage begins, with so many files to do."""

    def advance(self, stage: str, done: int) -> None:
        """So many more files are done."""

    def warn(self, message: str) -> None:
        """Something a person should know, while the rest goes on."""


class Silence:
    """Progress for whoever does not look."""

    def begin(self, stage: str, total: int | None) -> None: ...

    def advance(self, stage: str, done: int) -> None: ...

    def warn(self, message: str) -> None: ...


def process_name() -> str:
    """This process, as claims name it: host, process id and start, so that a reused id is another process."""
    return _name(os.getpid())


def _name(pid: int) -> str:
    """Raises OSError when there is no such process. The start is in ticks since the boot (proc(5), field 22 of stat):
    a wall clock that is set would make the living look dead."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return f"{socket.gethostname()}:{pid}:{fields[19]}"


@dataclass(frozen=True)
class Run:
    """One run over a scope of the archive, by one process, `owner`.

    `left` collects the files that changed while they were read: this run does not take them again. `apart` collects
    those that one visit for facts and pictures was too much for. `gate` judges what was read, `judged` keeps what it said.
    """

    settings: Settings
    transactions: Transactions
    pool: MediaPool
    scope: Scope | None
    progress: Progress = field(default_factory=Silence)
    owner: str = field(default_factory=process_name)
    left: set[uuid.UUID] = field(default_factory=set)
    apart: set[uuid.UUID] = field(default_factory=set)
    gate: Judge = field(default_factory=PlainJudge)
    judged: list[Judgement] = field(default_factory=list)


def release_the_dead(transactions: Transactions) -> None:
    """Take back at once what processes of this host had claimed when they were killed; others' leases run out."""
    here = socket.gethostname() + ":"
    query = (
        select(MediaFile.claimed_by).where(MediaFile.claimed_by.startswith(here, autoescape=True)).distinct()
    )
    owners = transactions.run(lambda transaction: list(transaction.session.scalars(query)))
    dead = [owner for owner in owners if owner and not _lives(owner)]
    if dead:
        transactions.run(lambda transaction: media_files.release(transaction.session, dead))


def _lives(owner: str) -> bool:
    try:
        return _name(int(owner.split(":")[-2])) == owner
    except (OSError, ValueError, IndexError):
        return False

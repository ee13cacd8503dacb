"""The step `plan-reading`: the files to read, those read longest ago first."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog_models.tables import Fixity, FixityFailure, MediaFile, Root
from catalog_models.values import format_bytes, format_count
from flows.job.context import JobContext
from flows.job.steps import StepResult, step

STAGE = "verify"
MIB = 1 << 20

# Files and bytes per step, at least: a run has at most about `_MOST_BATCHES` steps.
_BATCH_FILES, _BATCH_BYTES = 50, 50 << 30
_MOST_BATCHES = 150


@dataclass(frozen=True, slots=True)
class Due:
    """A file to read, at the location `path`, which is below that of its `root`."""

    id: uuid.UUID
    root: bytes
    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class Budget:
    """The bytes to read; None: WSOPTV_FIXITY_BYTES. The last file may exceed them. `dry`: read nothing."""

    bytes: int | None = None
    dry: bool = False

    @property
    def label(self) -> str:
        return "the files read longest ago"


@dataclass(frozen=True)
class Reading:
    """The files read so far in a run.

    `drawn` files were taken from the plan. `damaged` and `unread` have a line for each such file. `down` has
    the roots that went down, and `failures` how many files of a root failed in a row.
    """

    drawn: int = 0
    files: int = 0
    read_bytes: int = 0
    first: int = 0
    damaged: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    down: frozenset[bytes] = frozenset()
    failures: Mapping[bytes, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FilesToRead:
    """The files of one step, and the files read before."""

    files: Sequence[Due]
    before: Reading

    @property
    def label(self) -> str:
        return f"{format_count(len(self.files), 'file')} from {os.path.basename(self.files[0].path)} on"


@dataclass(frozen=True, kw_only=True)
class ReadingPlanned(StepResult):
    """The files to read, in order, until `budget` bytes were read."""

    due: Sequence[Due]
    budget: int
    dry: bool

    def within_budget(self) -> list[Due]:
        """Return the files within the budget; the last one may exceed it."""
        return _take(self.due, self.budget, len(self.due), frozenset())[0]

    def next_batch(self, before: Reading) -> FilesToRead | None:
        """Return the files of the next step; None if all or enough were read."""
        room = min(self.budget - before.read_bytes, max(_BATCH_BYTES, self.budget // _MOST_BATCHES))
        most = max(_BATCH_FILES, len(self.due) // _MOST_BATCHES)
        files, drawn = _take(self.due[before.drawn :], room, most, before.down)
        if not files:
            return None
        return FilesToRead(files, replace(before, drawn=before.drawn + drawn))


@step("plan-reading", STAGE, tag="cpu")
def plan_reading(context: JobContext, budget: Budget) -> ReadingPlanned:
    """Find the files that were read longest ago."""
    most = context.settings.fixity_bytes if budget.bytes is None else budget.bytes
    due = context.transactions.in_session(_due)
    size = min(most, sum(file.size for file in due))
    if not budget.dry:
        context.progress.begin(STAGE, size // MIB, "MiB")
    did = f"{format_count(len(due), 'file')}, {format_bytes(size)} to read"
    return ReadingPlanned(due=due, budget=most, dry=budget.dry, did=did)


def _take(
    due: Sequence[Due], most_bytes: int, most_files: int, down: frozenset[bytes]
) -> tuple[list[Due], int]:
    """Return the first files without those whose root is `down`, and how many were drawn.

    Only the last file may exceed the bound of bytes.
    """
    taken: list[Due] = []
    room, drawn = most_bytes, 0
    for file in due:
        if room <= 0 or len(taken) == most_files:
            break
        drawn += 1
        if file.root not in down:
            taken.append(file)
            room -= file.size
    return taken, drawn


def _due(session: Session) -> list[Due]:
    query = (
        select(MediaFile.id, Root.path, MediaFile.path, MediaFile.size, MediaFile.mtime_ns)
        .join(Root, Root.id == MediaFile.root_id)
        .outerjoin(Fixity, Fixity.media_file_id == MediaFile.id)
        .where(MediaFile.missing_since.is_(None), MediaFile.metadata_at.is_not(None))
        .outerjoin(FixityFailure, FixityFailure.media_file_id == MediaFile.id)
        .order_by(func.greatest(Fixity.verified_at, FixityFailure.failed_at).nulls_first(), MediaFile.id)
    )
    return [
        Due(key, root, os.fsdecode(os.path.join(root, path)), size, mtime)
        for key, root, path, size, mtime in session.execute(query)
    ]

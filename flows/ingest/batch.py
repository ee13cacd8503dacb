"""Batches: the files of one chain of steps, from their facts to the search index."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from catalog_models.reads.due_files import ClaimOptions, any_due, count_claimable, count_due
from catalog_models.scope import Scope
from catalog_models.tables import MediaFile
from catalog_models.values import ClaimedFile, Stage, format_count, path_as_text
from catalog_models.writes import file_claims
from flows.job.claims import release_dead_claims
from flows.job.context import JobContext
from flows.job.steps import StepResult
from orchestration.markdown import printable
from orchestration.transactions import Transaction

# Files: with fewer a batch, its task runs would cost too much.
_SMALLEST = 100
# Batches per run: with five steps each, a run has at most 1,200 task runs.
_MOST = 150
# Rows per transaction in stages that need only the database.
_ROWS = 500
# Seconds between checks of files that other processes have claimed or locked.
_OTHERS_SECONDS = 0.2


def batch_size(files: int) -> int:
    """Return the number of files in a batch if `files` are to be read."""
    return max(_SMALLEST, -(-files // _MOST))


@dataclass(frozen=True)
class Batch:
    """Files of a scope, by id; None: all files that a step has to do, or `size` of them if it opens files.

    `leaders`: the files that are likely to play, each of all files of its title.
    """

    scope: Scope | None
    ids: tuple[uuid.UUID, ...] | None = None
    leaders: tuple[uuid.UUID, ...] | None = None
    label: str = "the rest"
    size: int = _SMALLEST


@dataclass(frozen=True)
class ClaimedBatch:
    """Files that this process has claimed."""

    batch: Batch
    files: tuple[ClaimedFile, ...]

    @property
    def label(self) -> str:
        return self.batch.label


@dataclass(frozen=True, kw_only=True)
class BatchResult(StepResult):
    """The result of a step of a chain: its batch, which the next step takes."""

    batch: Batch

    @property
    def label(self) -> str:
        return self.batch.label


def batches(
    context: JobContext,
    stage: Stage,
    scope: Scope | None,
    size: int,
    among: Collection[uuid.UUID] | None = None,
) -> Iterator[ClaimedBatch]:
    """Claim the files of a stage, a batch at a time, until none is free.

    A batch is claimed when it is drawn: files that wait for their turn stay free for other processes.
    """
    while claimed := context.transactions.run(lambda work: _claim(context, work, stage, scope, size, among)):
        ids = tuple(file.id for file in claimed)
        leaders = tuple(file.id for file in claimed if file.likely_best)
        yield ClaimedBatch(Batch(scope, ids, leaders, _label(claimed)), tuple(claimed))


def _label(files: Sequence[ClaimedFile]) -> str:
    """Return the name of a batch: `100 files from 2009/Show 11.mov on`."""
    first = "/".join(path_as_text(files[0].path).rsplit("/", 2)[1:])
    return f"{format_count(len(files), 'file')} from {first} on"


def _claim(
    context: JobContext,
    work: Transaction,
    stage: Stage,
    scope: Scope | None,
    size: int,
    among: Collection[uuid.UUID] | None,
) -> list[ClaimedFile]:
    return file_claims.claim(work.session, stage, scope, _wanted(context, among), size)


def _wanted(context: JobContext, among: Collection[uuid.UUID] | None = None) -> ClaimOptions:
    left, down = set(context.notes.changing), context.outages.roots
    return ClaimOptions(context.owner, context.settings.lease, left, down, among)


def rounds(context: JobContext, stage: Stage, scope: Scope | None) -> Iterator[None]:
    """Yield at once, and whenever files are free for the stage, until none is left.

    Wait for files that other processes have claimed: each is finished there, or becomes free.
    """
    yield
    while _is_left(context, stage, scope):
        context.cancellation.check()
        time.sleep(_OTHERS_SECONDS)
        if free_now(context, stage, scope):
            yield


def _is_left(context: JobContext, stage: Stage, scope: Scope | None) -> bool:
    release_dead_claims(context.transactions)
    left, down = set(context.notes.changing), context.outages.roots
    return context.transactions.in_session(any_due, stage, scope, left, down)


# The parameters are what differs between stages.
def sweep(  # noqa: PLR0913, PLR0917
    context: JobContext,
    stage: Stage,
    batch: Batch,
    work: Callable[[Transaction, Sequence[MediaFile]], None],
    columns: file_claims.Columns,
    stored: Callable[[], None] = lambda: None,
    lock: Callable[[Session], None] = lambda _session: None,
) -> int:
    """Run a stage that needs only the database, 500 rows a transaction; return the number of files.

    `work` gets rows with these `columns`. It may run again, so `stored` is called after each commit. `lock`
    is taken before the rows: two batches that lock each other's rows later would wait for each other. A batch
    leaves rows that another process has locked to the last batch of the run, which waits for them.
    """
    done = 0

    def once(transaction: Transaction) -> int:
        lock(transaction.session)
        rows = file_claims.lock_due(transaction.session, stage, batch.scope, _ROWS, columns, batch.ids)
        if rows:
            work(transaction, rows)
        return len(rows)

    while True:
        if count := context.transactions.run(once):
            stored()
            context.advance(stage, count)
            done += count
        elif batch.ids is not None or not due_now(context, stage, batch.scope):
            return done
        else:
            context.cancellation.check()
            time.sleep(_OTHERS_SECONDS)


def due_now(context: JobContext, stage: Stage, scope: Scope | None) -> int:
    """Return the number of files in the scope that lack the output of the stage."""
    return context.transactions.in_session(count_due, stage, scope)


def free_now(context: JobContext, stage: Stage, scope: Scope | None) -> int:
    """Return the number of files in the scope that this run could claim for the stage."""
    wanted = _wanted(context)
    return context.transactions.in_session(count_claimable, stage, scope, wanted)


def names_of(files: Sequence[ClaimedFile], most: int = 5) -> str:
    """Return the names of some files for a log line."""
    return some_names([path_as_text(file.path) for file in files], most)


def files_or_nothing(done: int) -> str:
    """Return the number of files that a step handled, for a log line."""
    return format_count(done, "file") if done else "nothing to do"


def some_names(paths: Sequence[str], most: int = 5) -> str:
    """Return the names of some files, given by their paths: `a.mp4, b.mp4 and 3 more`."""
    names = [printable(os.path.basename(path)) for path in paths[:most]]
    more = len(paths) - len(names)
    return ", ".join(names) + (f" and {more:,} more" if more > 0 else "")

"""The ingest: from a folder of videos to a catalogue."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from catalog_models.archive import MediaFile, StageFailure
from catalog_models.catalogue import Content
from catalog_models.errors import RefusedError
from catalog_models.reads.overview import count_due
from catalog_models.scope import Scope, within
from catalog_models.values import Stage, counted, text_of
from catalog_models.writes import media_files, roots, stage_failures
from flows.ingest.refusals import refuse_home_inside
from flows.ingest.scan import Scan, Scanner, ScanOptions
from flows.ingest.stages import (
    UnwritableError,
    begin,
    judge_quality,
    make_thumbnails,
    read_metadata,
    read_titles,
    sweep,
)
from flows.job.claims import claims_kept, release_the_dead
from flows.job.context import JobContext, Run
from flows.search.index import Indexed, index_after_ingest
from orchestration.transactions import Transaction, Transactions
from tasks.catalogue.regrouping import regroup

_SHELF = 300  # files: three batches


@dataclass(frozen=True)
class Summary:
    """What a run came to.

    The first six add up to `seen`, every file below the root; they speak of this run. `missing`, `quarantined` and
    `failed` count the files below the root that are in that state now; `programmes` the titles that the whole
    catalogue shows. `unreadable` counts folders that could not be listed. `unindexed` says why the search
    server's index was left to the next run. If the root went down during the run, `down` says why, and `waiting`
    files are left for the next run.
    """

    seen: int
    ignored: int
    new: int
    changed: int
    moved: int
    unchanged: int
    pending: int
    missing: int
    quarantined: int
    failed: int
    programmes: int
    unreadable: int
    seconds: float
    unindexed: str | None = None
    waiting: int = 0
    down: str | None = None


def ingest_archive(
    folder: bytes,
    options: ScanOptions,
    place: JobContext,
    together: Callable[[], None] = lambda: None,
    unindexed: str | None = None,
) -> Summary:
    """Scan `folder`, take every file that lacks something through the stages, and sum up.

    `together` is called once the scan is recorded: other hosts may help from then on. `unindexed` says why
    the search server failed for an earlier root: then it is not tried again.
    """
    started = time.monotonic()
    transactions = place.transactions
    refuse_home_inside(folder, place.settings.home)
    release_the_dead(transactions)
    scanner = Scanner(folder, options, place)
    scan = place.bench.do("scan", f"scan {text_of(folder)}", scanner.scan)
    if scan.scope is None or options.dry_run:
        return transactions.run(lambda transaction: _sum_up(transaction.session, scan, Leftovers(), started))
    together()
    run = Run(place, scan.scope)
    left = leftovers_of(run)
    problem = unindexed or index(place)
    summary = transactions.run(lambda transaction: _sum_up(transaction.session, scan, left, started))
    summary = replace(summary, unindexed=problem)
    _keep(transactions, scan.scope, summary)
    return summary


def ingest_archives(
    folders: Sequence[bytes],
    options: ScanOptions,
    place: JobContext,
    together: Callable[[bytes], None] = lambda _: None,
) -> Summary:
    """One after the other, and a single sum. A root that cannot be scanned keeps nobody from the others; its error is
    raised when they are done."""
    summaries: list[Summary] = []
    refused: RefusedError | None = None
    for folder in folders:
        problem = summaries[-1].unindexed if summaries else None
        try:
            summaries.append(ingest_archive(folder, options, place, partial(together, folder), problem))
        except RefusedError as error:
            if len(folders) > 1:
                place.progress.warn(str(error))
            refused = refused or error
    if refused:
        raise refused
    return _added(summaries)


def _added(summaries: Sequence[Summary]) -> Summary:
    last = summaries[-1]
    said = {
        "unindexed": last.unindexed,
        "down": "; ".join(each.down for each in summaries if each.down) or None,
    }
    counts = [name for name in asdict(last) if name not in said]
    total = {name: sum(getattr(each, name) for each in summaries) for name in counts}
    return Summary(**total | {"programmes": last.programmes} | said)


@dataclass(frozen=True)
class Leftovers:
    """The work that a run left: files without pictures for want of room, files that changed while they were
    read, and files `waiting` for roots that are down (`down` says why).

    `unindexed` says why the search server's index was left to the next run.
    """

    unwritten: int = 0
    changing: Collection[uuid.UUID] = ()
    waiting: int = 0
    down: str | None = None
    unindexed: str | None = None


@dataclass(frozen=True)
class Retried:
    """How many dead letters there were, and how many files are in that state now. `waiting` files were left, because
    their roots are down (`down` says why)."""

    tried: int
    failed: int
    waiting: int = 0
    down: str | None = None


def retry_failures(place: JobContext) -> Retried:
    """Try the dead letters of all roots again."""
    transactions = place.transactions
    release_the_dead(transactions)
    tried = transactions.run(lambda transaction: stage_failures.forget(transaction.session, None))
    left = leftovers_of(Run(place, None))
    index(place)
    failed = transactions.run(lambda transaction: _failed(transaction.session, None))
    return Retried(tried, failed + left.unwritten, left.waiting, left.down)


def leftovers_of(run: Run) -> Leftovers:
    """Take what lacks something through all stages. Returns what is left."""
    unwritten = finish_files(run)
    return Leftovers(unwritten, run.left, *tell_outages(run))


def tell_outages(run: Run) -> tuple[int, str | None]:
    """Warn of the roots that went down. Returns how many files wait for them, and the reasons."""
    reasons = "; ".join(run.outages.reasons)
    if not reasons:
        return 0, None
    waiting = run.transactions.run(
        lambda work: sum(
            count_due(work.session, stage, run.scope) for stage in (Stage.METADATA, Stage.THUMBNAILS)
        )
    )
    run.progress.warn(f"{reasons}. {counted(waiting, 'file')} wait for the next run")
    return waiting, reasons


def finish_files(run: Run) -> int:
    """Take all files that lack a stage through all stages.

    Returns how many files lack pictures because they could not be written.
    """
    with claims_kept(run.transactions, run.owner, run.settings.lease):
        return _finish_files(run)


def index(place: JobContext) -> str | None:
    """Send changed titles to the search server, if there is one; return the reason if that failed."""
    if place.settings.meilisearch_url is None:
        return None
    done: Indexed = place.bench.do(
        "index",
        "index: titles that changed",
        lambda: index_after_ingest(place.settings, place.transactions, place.progress),
    )
    return done.problem


def _finish_files(run: Run) -> int:
    read_titles(run)  # first: they tell which file of a programme is likely to play
    begin(run, Stage.QUALITY, Stage.METADATA)
    begin(run, Stage.CATALOGUE, Stage.METADATA)
    read_metadata(run, meanwhile=lambda: _shelve_some(run))
    _shelve(run)
    return take_pictures(run)


def take_pictures(run: Run) -> int:
    """Make the pictures that are lacking; answers how many files lack theirs because none could be written."""
    try:
        while make_thumbnails(run):
            file_programmes(run)  # a best file proved to be undecodable: another one takes its place
    except UnwritableError as error:
        run.progress.warn(str(error))
        return run.transactions.run(
            lambda transaction: count_due(transaction.session, Stage.THUMBNAILS, run.scope)
        )
    return 0


@dataclass(frozen=True)
class Pictured:
    """How many files got pictures, and how many lack them because none could be written. `waiting` files were left,
    because their roots are down (`down` says why)."""

    made: int
    unwritten: int
    waiting: int = 0
    down: str | None = None


def make_pictures(place: JobContext, scope: Scope | None, *, again: bool) -> Pictured:
    """Make the pictures that programmes lack; `again`: all anew."""
    run = Run(place, scope)
    release_the_dead(place.transactions)
    if again:
        place.transactions.run(lambda work: media_files.outdate_all_pictures(work.session, scope))
    began = place.transactions.run(lambda work: work.session.scalar(select(func.now())))
    with claims_kept(place.transactions, run.owner, place.settings.lease):
        unwritten = take_pictures(run)
    made = (within(scope), MediaFile.thumbnails_at >= began)
    count = select(func.count()).select_from(MediaFile).where(*made)
    done = place.transactions.run(lambda work: work.session.scalar(count) or 0)
    return Pictured(done, unwritten, *tell_outages(run))


def _shelve_some(run: Run) -> None:
    """Shelve while others are read, once it pays: judging costs the same for one file and for a shelf full."""
    waiting = run.transactions.run(lambda work: count_due(work.session, Stage.QUALITY, run.scope))
    if waiting >= _SHELF:
        _shelve(run, to_the_end=False)


def _shelve(run: Run, *, to_the_end: bool = True) -> None:
    """Judge what was read, and group what is fit to be shown."""
    judge_quality(run, to_the_end=to_the_end)
    file_programmes(run, to_the_end=to_the_end)


def regroup_all(place: JobContext) -> None:
    """Group due files of all roots again, and index changed titles; open no file."""
    file_programmes(Run(place, None))
    index(place)


def file_programmes(run: Run, *, to_the_end: bool = True) -> None:
    """Group files into programmes, and choose which file plays."""

    def group(transaction: Transaction, files: Sequence[MediaFile]) -> None:
        transaction.announce(*regroup(transaction.session, files))

    columns = (MediaFile.content_key, MediaFile.content_id)
    sweep(run, Stage.CATALOGUE, group, columns, to_the_end=to_the_end)


def _keep(transactions: Transactions, scope: Scope, summary: Summary) -> None:
    kept: dict[str, Any] = asdict(summary)
    transactions.run(lambda transaction: roots.record_summary(transaction.session, scope.root_id, kept))


def _sum_up(session: Session, scan: Scan, left: Leftovers, started: float) -> Summary:
    """The counts. A file that changed while it was read is pending now, whatever the scan took it for."""
    difference, scope = scan.difference, scan.scope or Scope(uuid.UUID(int=0))
    changed = sum(file.id not in left.changing for file, _found in difference.changed)
    moved = sum(move.file.id not in left.changing for move in difference.moved)
    unchanged = sum(file.id not in left.changing for file in difference.unchanged)
    known = len(difference.changed) + len(difference.moved) + len(difference.unchanged)
    new_left = len(left.changing) - (known - changed - moved - unchanged)
    inside = (within(scope), MediaFile.missing_since.is_(None))
    quarantined = (
        select(func.count()).select_from(MediaFile).where(*inside, MediaFile.quarantined_at.is_not(None))
    )
    return Summary(
        seen=len(scan.walk.videos) + scan.walk.ignored,
        ignored=scan.walk.ignored,
        new=len(difference.new) - new_left,
        changed=changed,
        moved=moved,
        unchanged=unchanged,
        pending=len(difference.pending) + len(left.changing),
        missing=_missing(session, scan, scope),
        quarantined=session.scalar(quarantined) or 0,
        failed=_failed(session, scope) + left.unwritten,
        programmes=session.scalar(select(func.count()).select_from(Content).where(Content.is_visible)) or 0,
        unreadable=len(scan.walk.unreadable),
        seconds=round(time.monotonic() - started, 3),
        waiting=left.waiting,
        down=left.down,
    )


def _missing(session: Session, scan: Scan, scope: Scope) -> int:
    """The files that are missing now; after a dry run, those that would be."""
    query = select(func.count()).select_from(MediaFile)
    recorded = session.scalar(query.where(within(scope), MediaFile.missing_since.is_not(None))) or 0
    if not scan.is_dry:
        return recorded
    met_again = [
        *scan.difference.unchanged,
        *(move.file for move in scan.difference.moved if not move.file.elsewhere),
    ]
    gone = sum(not file.missing for file in scan.difference.missing)
    return recorded + gone - sum(file.missing for file in met_again)


def _failed(session: Session, scope: Scope | None) -> int:
    dead = exists().where(StageFailure.media_file_id == MediaFile.id)
    count = (
        select(func.count())
        .select_from(MediaFile)
        .where(within(scope), MediaFile.missing_since.is_(None), dead)
    )
    return session.scalar(count) or 0

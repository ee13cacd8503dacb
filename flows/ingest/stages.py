"""The stages behind the scan: each takes what lacks its output, and stores what it made in one transaction a batch.

A stage that opens files claims them for a time, so that several processes share the work and a dead one's share is
taken up by others. A stage that needs the database alone locks the rows for the length of one transaction.
"""

from __future__ import annotations

import logging
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select

from catalog_models.archive import MediaFile
from catalog_models.catalogue import Thumbnail
from catalog_models.errors import ExpectedError
from catalog_models.reads.facts import FACTS, PAST, facts_of, past_of
from catalog_models.reads.overview import count_due
from catalog_models.scope import within
from catalog_models.values import ClaimedFile, Finding, Picture, Severity, Stage, counted, text_of
from catalog_models.writes import contents, findings, media_files, stage_failures, thumbnails
from flows.ingest.titles import TITLED_BY, title_of
from flows.ingest.visit import Easel, Visit, visit
from flows.job.bench import BATCH, Opening
from flows.job.claims import release_the_dead
from flows.job.context import Run
from flows.job.file_errors import LEFT_FOR_NEXT_RUN, OF_THE_ROOT, gave_up_on, is_full, words
from flows.job.outages import RootDownError
from orchestration.events import ContentUpdated
from orchestration.transactions import Transaction
from tasks.media.pool import CrashError, DeadlineError, Outcome
from tasks.quality import Case, Judgement
from tasks.thumbnails.pictures import GENERATOR, UndecodableError, make_pictures

log = logging.getLogger(__name__)

T = TypeVar("T")
Done = Outcome[ClaimedFile, T]

_OTHERS_SECONDS = 0.2  # between looks at what others have claimed or locked
_ROWS = 500  # rows a transaction where nothing but the database works


class UnwritableError(ExpectedError):
    """No room, or no leave, to write pictures; what was done stays, the next run goes on from there."""

    code = "unwritable"


def read_metadata(run: Run, meanwhile: Callable[[], None]) -> None:
    """Open what is new or changed; take the pictures of a programme's likeliest file at the same visit.

    `meanwhile` is called after each batch, while the workers read the next one.
    """

    def store(transaction: Transaction, done: Sequence[Done[Visit]]) -> None:
        visits = {outcome.item.id: outcome.value for outcome in done if outcome.value is not None}
        inspections = {key: visit.inspection for key, visit in visits.items()}
        media_files.store_inspections(transaction.session, inspections)
        _hang_up(transaction, {key: visit.pictures for key, visit in visits.items() if visit.pictures})

    def call(file: ClaimedFile) -> tuple[Any, ...]:
        easel = _easel(run, file) if file.leads and file.id not in run.apart else None
        return visit, file.path, file.size, file.mtime_ns, easel

    for _done in _work(run, Stage.METADATA, call, store):
        meanwhile()


def _easel(run: Run, file: ClaimedFile) -> Easel:
    return Easel(run.settings.thumbnails, f"{str(file.id)[:2]}/{file.id}")


def _hang_up(transaction: Transaction, made: Mapping[uuid.UUID, Sequence[Picture]]) -> None:
    """Store pictures, and show the posters where their files are the ones that play."""
    session = transaction.session
    thumbnails.store(session, made, GENERATOR)
    media_files.finish(session, Stage.THUMBNAILS, list(made))
    transaction.announce(*(ContentUpdated(key) for key in contents.show_posters(session, list(made))))


def read_titles(run: Run) -> None:
    """Read the paths of what is new or was renamed."""

    def read(transaction: Transaction, files: Sequence[MediaFile]) -> None:
        media_files.store_titles(transaction.session, {file.id: title_of(file) for file in files})

    begin(run, Stage.TITLE)
    sweep(run, Stage.TITLE, read, TITLED_BY)


def judge_quality(run: Run, *, to_the_end: bool) -> None:
    """Let the gate judge what was read; a failing file is quarantined with its findings. `to_the_end`: see `sweep`."""
    latest: list[Judgement] = []

    def gate(transaction: Transaction, files: Sequence[MediaFile]) -> None:
        judgement = run.place.gate.judge([_case(file) for file in files])
        latest[:] = [judgement]
        findings.store(transaction.session, judgement.findings)
        media_files.store_judgement(transaction.session, judgement.passed, judgement.quarantined)
        media_files.approve(transaction.session, judgement.approved)

    columns = (MediaFile.path_text, *PAST, *FACTS)
    sweep(
        run,
        Stage.QUALITY,
        gate,
        columns,
        to_the_end=to_the_end,
        stored=lambda: run.place.judged.extend(latest),
    )


def _case(file: MediaFile) -> Case:
    return Case(file.id, file.path_text, facts_of(file), file.size, past_of(file))


def make_thumbnails(run: Run) -> int:
    """Make the pictures of every programme's best file; answers how many of those proved to be undecodable.

    Raises `UnwritableError`.
    """
    run.transactions.run(lambda transaction: _outdate(transaction, run))
    _expect_writable(run.settings.thumbnails)
    bad = 0
    folder = run.settings.thumbnails

    def store(transaction: Transaction, done: Sequence[Done[tuple[Picture, ...]]]) -> None:
        session = transaction.session
        dark = {
            outcome.item.id: str(outcome.error)
            for outcome in done
            if isinstance(outcome.error, UndecodableError)
        }
        _hang_up(
            transaction, {outcome.item.id: outcome.value for outcome in done if outcome.value is not None}
        )
        media_files.finish(session, Stage.THUMBNAILS, list(dark))
        findings.add(
            session, {key: [Finding("undecodable", Severity.QUARANTINE, said)] for key, said in dark.items()}
        )
        media_files.quarantine(session, list(dark))

    def call(file: ClaimedFile) -> tuple[Any, ...]:
        easel = _easel(run, file)
        return make_pictures, file.path, file.size, file.mtime_ns, easel.folder, easel.name

    for done in _work(run, Stage.THUMBNAILS, call, store):
        bad += sum(isinstance(outcome.error, UndecodableError) for outcome in done)
        full = next((outcome.error for outcome in done if is_full(outcome.error)), None)
        if full is not None:
            raise UnwritableError(
                f"no room left below {folder}: make room and run the ingest again"
            ) from full
    return bad


def _outdate(transaction: Transaction, run: Run) -> None:
    """Look for pictures that somebody deleted, beside those that an older generator made."""
    made = select(Thumbnail.media_file_id, Thumbnail.path).join(
        MediaFile, MediaFile.id == Thumbnail.media_file_id
    )
    known = transaction.session.execute(made.where(within(run.scope), MediaFile.thumbnails_at.is_not(None)))
    lost = {key for key, path in known if not (run.settings.thumbnails / path).exists()}
    media_files.outdate_pictures(transaction.session, GENERATOR, lost)


def _expect_writable(folder: Path) -> None:
    """One message for a folder that nothing can be written to, instead of a dead letter for every file."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnwritableError(f"{folder} cannot be made: {error.strerror}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UnwritableError(f"{folder} cannot be written: no pictures were made")


def _work(
    run: Run,
    stage: Stage,
    call: Callable[[ClaimedFile], tuple[Any, ...]],
    store: Callable[[Transaction, Sequence[Done[T]]], None],
) -> Iterator[Sequence[Done[T]]]:
    """Claim, work and store until nothing is due; yields what was stored.

    Failures become dead letters. What other processes are at is waited for, since the next stage builds on it.
    """
    begin(run, stage)
    deadline = run.settings.frames_deadline if stage is Stage.THUMBNAILS else run.settings.probe_deadline
    opening = Opening(run.place.pool, deadline, run.outages)
    while True:
        calls = ((file, call(file)) for file in _claims(run, stage))
        for done in run.place.bench.open_files(stage, opening, calls):
            run.progress.advance(stage, _keep(run, stage, done, store))
            yield done
        release_the_dead(run.transactions)
        if not run.transactions.run(
            lambda transaction: media_files.is_due(
                transaction.session, stage, run.scope, run.left, run.outages.roots
            )
        ):
            return
        time.sleep(_OTHERS_SECONDS)


def _keep(
    run: Run,
    stage: Stage,
    done: Sequence[Done[T]],
    store: Callable[[Transaction, Sequence[Done[T]]], None],
) -> int:
    """Store a batch and its dead letters, give back what changed while it was read and what is to be tried apart;
    answers how many files the stage is done with."""
    apart = {outcome.item.id for outcome in done if stage is Stage.METADATA and _was_too_much(run, outcome)}
    left = {outcome.item.id for outcome in done if isinstance(outcome.error, LEFT_FOR_NEXT_RUN)}
    # Those of a root that is down are left with all of it; the others are claimed once more.
    untried = {outcome.item.id for outcome in done if isinstance(outcome.error, OF_THE_ROOT)}
    failed = {
        outcome.item.id: words(outcome.error)
        for outcome in done
        if gave_up_on(outcome.error) and outcome.item.id not in apart
    }

    def keep(transaction: Transaction) -> None:
        store(transaction, done)
        stage_failures.record(transaction.session, stage, failed)
        if returned := [*left, *failed, *apart, *untried]:
            media_files.leave(transaction.session, returned)

    run.transactions.run(keep)
    run.left.update(left)
    run.apart.update(apart)
    for outcome in done:
        if outcome.error is not None and not isinstance(outcome.error, RootDownError):
            log.warning("%s: %s: %s", stage, text_of(outcome.item.path), words(outcome.error))
    return len(done) - len(apart) - len(untried)


def _was_too_much(run: Run, outcome: Done[Any]) -> bool:
    """Whether the pictures may be to blame for what became of a visit: the metadata get a chance of their own."""
    took_pictures = outcome.item.leads and outcome.item.id not in run.apart
    return took_pictures and isinstance(outcome.error, DeadlineError | CrashError)


def _claims(run: Run, stage: Stage) -> Iterator[ClaimedFile]:
    """Files of this stage, claimed a few at a time."""

    def claim(transaction: Transaction) -> list[ClaimedFile]:
        wanted = media_files.Claim(run.owner, run.settings.lease, run.left, run.outages.roots)
        return media_files.claim(transaction.session, stage, run.scope, wanted, BATCH)

    while claimed := run.transactions.run(claim):
        yield from claimed


def sweep(
    run: Run,
    stage: Stage,
    work: Callable[[Transaction, Sequence[MediaFile]], None],
    columns: media_files.Columns,
    *,
    to_the_end: bool = True,
    stored: Callable[[], None] = lambda: None,
) -> None:
    """Do a stage that needs these columns and the database alone, so many rows a transaction, until nothing is due.

    `to_the_end`: wait for what others have locked, too; else what they are at is left to a later sweep. `stored` is
    called after each commit: `work` may be run again and must not tell of itself.
    """

    def step(transaction: Transaction) -> int:
        files = media_files.lock_due(transaction.session, stage, run.scope, _ROWS, columns)
        if files:
            work(transaction, files)
        return len(files)

    while due := run.transactions.run(lambda work: count_due(work.session, stage, run.scope)):
        files = f"{stage}: {counted(min(due, _ROWS), 'file')}"
        if done := run.place.bench.do(stage, files, lambda: run.transactions.run(step)):
            stored()
            run.progress.advance(stage, done)
        elif not to_the_end:
            return
        else:
            time.sleep(_OTHERS_SECONDS)


def begin(run: Run, stage: Stage, *before: Stage) -> None:
    """Tell that a stage begins, with the files that it has to do: those due, and those due at the stages `before` it."""
    stages = (stage, *before)
    run.progress.begin(
        stage,
        run.transactions.run(
            lambda transaction: sum(count_due(transaction.session, one, run.scope) for one in stages)
        ),
    )

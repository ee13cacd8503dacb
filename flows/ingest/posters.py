"""The step `make-posters`: a poster and a storyboard of each file that plays."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from catalog_models.archive import MediaFile
from catalog_models.catalogue import Thumbnail
from catalog_models.scope import Scope, within
from catalog_models.values import ClaimedFile, Finding, Picture, Severity, Stage, counted
from catalog_models.writes import contents, findings, media_files, thumbnails
from flows.ingest.batch import BatchResult, ClaimedBatch, batches, names_of
from flows.ingest.opening import Done, failed_of, open_files, problems_of
from flows.ingest.programmes import BatchGrouped
from flows.ingest.visit import Easel
from flows.job.context import JobContext
from flows.job.file_errors import is_full
from flows.job.steps import step
from orchestration.events import ContentUpdated
from orchestration.transactions import Transaction
from tasks.thumbnails.pictures import GENERATOR, UndecodableError, make_pictures

POSTER_BATCH = 100
"""Files of one step that makes the pictures which are still missing."""


@dataclass(frozen=True, kw_only=True)
class BatchPictured(BatchResult):
    """A batch whose titles have their pictures, as far as they could be made. `made`: files that got pictures."""

    made: int = 0


@step("make-posters", "thumbnails", tag="io")
def make_posters(context: JobContext, grouped: BatchGrouped) -> BatchPictured:
    """Make the pictures that are missing: posters and storyboards of files that play.

    Of a batch only the files that lead their titles: another one may take the place of the rest. Of all files, at most
    100 that are due.
    """
    if context.notes.unwritable:
        return BatchPictured(batch=grouped.batch, did="none", problems=context.notes.unwritable)
    claimed = next(_due(context, grouped), None)
    if claimed is None:
        return BatchPictured(batch=grouped.batch, did="none were missing")
    folder = context.settings.thumbnails
    calls = [(file, _call(context, file)) for file in claimed.files]
    done = open_files(context, Stage.THUMBNAILS, calls, _store)
    if any(is_full(outcome.error) for outcome in done):
        note_unwritable(context, f"no room left below {folder}: make room and run the ingest again")
    made = sum(outcome.value is not None for outcome in done)
    failed = tuple(file.id for file in failed_of(done))
    return BatchPictured(
        batch=grouped.batch,
        made=made,
        did=f"pictures of {counted(made, 'file')}",
        problems=_problems(done),
        failed=failed,
    )


def _due(context: JobContext, grouped: BatchGrouped) -> Iterator[ClaimedBatch]:
    leaders = grouped.batch.leaders
    if leaders == ():
        return iter(())
    size = POSTER_BATCH if leaders is None else len(leaders)
    return batches(context, Stage.THUMBNAILS, grouped.batch.scope, size, leaders)


def _call(context: JobContext, file: ClaimedFile) -> tuple[Any, ...]:
    easel = easel_of(context, file)
    return make_pictures, file.path, file.size, file.mtime_ns, easel.folder, easel.name


def _problems(done: Sequence[Done[Any]]) -> str:
    undecodable = [outcome.item for outcome in done if isinstance(outcome.error, UndecodableError)]
    said = f"{len(undecodable):,} undecodable: {names_of(undecodable)}" if undecodable else ""
    return "; ".join(filter(None, (said, problems_of(done))))


def _store(transaction: Transaction, done: Sequence[Done[tuple[Picture, ...]]]) -> None:
    session = transaction.session
    undecodable = {
        outcome.item.id: str(outcome.error) for outcome in done if isinstance(outcome.error, UndecodableError)
    }
    show_pictures(
        transaction, {outcome.item.id: outcome.value for outcome in done if outcome.value is not None}
    )
    media_files.finish(session, Stage.THUMBNAILS, list(undecodable))
    reasons = {key: [Finding("undecodable", Severity.QUARANTINE, why)] for key, why in undecodable.items()}
    findings.add(session, reasons)
    media_files.quarantine(session, list(undecodable))


def easel_of(context: JobContext, file: ClaimedFile) -> Easel:
    """Return where the pictures of a file are written."""
    return Easel(context.settings.thumbnails, f"{str(file.id)[:2]}/{file.id}")


def show_pictures(transaction: Transaction, made: Mapping[uuid.UUID, Sequence[Picture]]) -> None:
    """Store pictures, and show the posters of titles whose files play."""
    session = transaction.session
    thumbnails.store(session, made, GENERATOR)
    media_files.finish(session, Stage.THUMBNAILS, list(made))
    transaction.announce(*(ContentUpdated(key) for key in contents.show_posters(session, list(made))))


def find_lost_pictures(context: JobContext, scope: Scope | None) -> None:
    """Make pictures due again that were deleted, or made by an older version of the generator."""

    def find(transaction: Transaction) -> None:
        made = select(Thumbnail.media_file_id, Thumbnail.path).join(
            MediaFile, MediaFile.id == Thumbnail.media_file_id
        )
        known = transaction.session.execute(made.where(within(scope), MediaFile.thumbnails_at.is_not(None)))
        lost = {key for key, path in known if not (context.settings.thumbnails / path).exists()}
        media_files.outdate_pictures(transaction.session, GENERATOR, lost)

    context.transactions.run(find)


def check_writable(context: JobContext) -> None:
    """Note if the folder of pictures cannot be written: one message, instead of a dead letter for each file."""
    folder = context.settings.thumbnails
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        note_unwritable(context, f"{folder} cannot be made: {error.strerror}")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        note_unwritable(context, f"{folder} cannot be written: no pictures were made")


def note_unwritable(context: JobContext, reason: str) -> None:
    """Note, once, why no more pictures are made in this run."""
    if context.notes.unwritable is None:
        context.notes.unwritable = reason
        context.progress.warn(reason)

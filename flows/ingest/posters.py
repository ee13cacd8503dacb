"""The step `make-posters`: the poster, preview and storyboard of each file that plays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from catalog_models.values import ClaimedFile, Finding, Picture, Severity, Stage, format_count
from catalog_models.writes import contents, file_claims, findings, quality_results
from flows.ingest.batch import BatchResult, ClaimedBatch, batches, names_of
from flows.ingest.catalogue import BatchGrouped
from flows.ingest.outcomes import Done, failed_of, open_files, problems_of, warnings_of
from flows.ingest.pictures import note_unwritable, picture_target, remove_superseded, show_pictures
from flows.ingest.visit import make_pictures
from flows.job.context import JobContext
from flows.job.file_errors import is_full
from flows.job.steps import step
from orchestration.transactions import Transaction
from tasks.thumbnails.generator import UndecodableError


@dataclass(frozen=True, kw_only=True)
class BatchPictured(BatchResult):
    """A batch whose titles have their pictures, if these could be made.

    `made`: files that got pictures.
    """

    made: int = 0


@step("make-posters", "thumbnails", tag="io")
def make_posters(context: JobContext, grouped: BatchGrouped) -> BatchPictured:
    """Make missing pictures of files that play.

    From a batch, take the files that lead their titles: other files may still replace the rest. Without
    ids, take as many due files as a batch has.
    """
    if context.notes.unwritable:
        return BatchPictured(batch=grouped.batch, did="no pictures", problems=context.notes.unwritable)
    claimed = next(_due(context, grouped), None)
    if claimed is None:
        return BatchPictured(batch=grouped.batch, did="no pictures were missing")
    folder = context.settings.thumbnails
    calls = [(file, _call(context, file)) for file in claimed.files]
    try:
        done = open_files(context, Stage.THUMBNAILS, calls, _store)
    except BaseException:
        # A retry of the step claims them again.
        context.transactions.in_session(file_claims.give_back, claimed.batch.ids or ())
        raise
    if any(is_full(outcome.error) for outcome in done):
        note_unwritable(context, f"no space left below {folder}: make room and run the ingest again")
    pictures = {outcome.item.id: outcome.value for outcome in done if outcome.value is not None}
    remove_superseded(context, pictures)
    failed = tuple(file.id for file in failed_of(done))
    return BatchPictured(
        batch=grouped.batch,
        made=len(pictures),
        did=f"pictures of {format_count(len(pictures), 'file')}",
        problems=_problems(done),
        warnings=warnings_of(done),
        failed=failed,
    )


def _due(context: JobContext, grouped: BatchGrouped) -> Iterator[ClaimedBatch]:
    leaders = grouped.batch.leaders
    if leaders == ():
        return iter(())
    size = grouped.batch.size if leaders is None else len(leaders)
    return batches(context, Stage.THUMBNAILS, grouped.batch.scope, size, leaders)


def _call(context: JobContext, file: ClaimedFile) -> tuple[Any, ...]:
    return make_pictures, file.path, file.size, file.mtime_ns, picture_target(context, file)


def _problems(done: Sequence[Done[Any]]) -> str:
    undecodable = [outcome.item for outcome in done if isinstance(outcome.error, UndecodableError)]
    said = f"{len(undecodable):,} undecodable: {names_of(undecodable)}" if undecodable else ""
    return "; ".join(filter(None, (said, problems_of(done))))


def _store(transaction: Transaction, done: Sequence[Done[tuple[Picture, ...]]]) -> None:
    session = transaction.session
    contents.lock(session)
    undecodable = {
        outcome.item.id: str(outcome.error) for outcome in done if isinstance(outcome.error, UndecodableError)
    }
    show_pictures(
        transaction, {outcome.item.id: outcome.value for outcome in done if outcome.value is not None}
    )
    file_claims.finish(session, Stage.THUMBNAILS, list(undecodable))
    reasons = {key: [Finding("undecodable", Severity.QUARANTINE, why)] for key, why in undecodable.items()}
    findings.add(session, reasons)
    quality_results.quarantine(session, list(undecodable))

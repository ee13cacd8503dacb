"""The step `read-metadata`: open each file once for its facts and, if it leads its title, its pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog_models.values import ClaimedFile, Stage
from catalog_models.writes import contents, stage_results
from flows.ingest.batch import BatchResult, ClaimedBatch
from flows.ingest.outcomes import Done, failed_of, files_of, open_files, problems_of, warnings_of
from flows.ingest.pictures import picture_target, remove_superseded, show_pictures
from flows.ingest.visit import Visit, visit
from flows.job.context import JobContext
from flows.job.steps import step
from orchestration.transactions import Transaction


@dataclass(frozen=True, kw_only=True)
class BatchRead(BatchResult):
    """A batch whose facts are stored."""


@step("read-metadata", "metadata", tag="io")
def read_metadata(context: JobContext, claimed: ClaimedBatch) -> BatchRead:
    """Open the files of a batch for facts, verdicts, fingerprints, and the pictures of leading files."""

    def store(transaction: Transaction, done: Sequence[Done[Visit]]) -> None:
        visits = {outcome.item.id: outcome.value for outcome in done if outcome.value is not None}
        # Taken before rows are locked, as in steps that group titles.
        contents.lock(transaction.session)
        inspections = {key: visit.inspection for key, visit in visits.items()}
        stage_results.store_inspections(transaction.session, inspections)
        show_pictures(transaction, {key: visit.pictures for key, visit in visits.items() if visit.pictures})

    calls = [(file, _call(context, file)) for file in claimed.files]
    done = open_files(context, Stage.METADATA, calls, store)
    failed = tuple(file.id for file in failed_of(done))
    pictured = {
        outcome.item.id: outcome.value.pictures
        for outcome in done
        if outcome.value is not None and outcome.value.pictures
    }
    remove_superseded(context, pictured)
    return BatchRead(
        batch=claimed.batch,
        did=files_of(done) + (f", pictures of {len(pictured):,}" if pictured else ""),
        problems=problems_of(done, "unreadable"),
        warnings=warnings_of(done),
        failed=failed,
    )


def _call(context: JobContext, file: ClaimedFile) -> tuple[Any, ...]:
    takes_pictures = file.likely_best and file.id not in context.notes.without_pictures
    target = picture_target(context, file) if takes_pictures and not context.notes.unwritable else None
    return visit, file.path, file.size, file.mtime_ns, target

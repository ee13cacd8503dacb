"""The step `group-titles`: group files into titles, and choose the file that plays for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog_models.tables import MediaFile
from catalog_models.values import Stage, format_count
from catalog_models.writes import contents
from flows.ingest.batch import BatchResult, files_or_nothing, sweep
from flows.ingest.quality import BatchJudged
from flows.job.context import JobContext
from flows.job.steps import step
from orchestration.events import ContentCreated
from orchestration.transactions import Transaction
from tasks.catalogue.regroup import regroup


@dataclass(frozen=True, kw_only=True)
class BatchGrouped(BatchResult):
    """A batch whose files belong to titles."""


@step("group-titles", "catalogue", tag="cpu")
def group_titles(context: JobContext, judged: BatchJudged) -> BatchGrouped:
    """Group the files of a batch into titles, and choose which file plays."""
    created = 0
    latest = 0

    def group(transaction: Transaction, files: Sequence[MediaFile]) -> None:
        nonlocal latest
        events = regroup(transaction.session, files)
        latest = sum(isinstance(event, ContentCreated) for event in events)
        transaction.announce(*events)

    def stored() -> None:
        nonlocal created
        created += latest

    columns = (MediaFile.content_key, MediaFile.content_id)
    done = sweep(context, Stage.CATALOGUE, judged.batch, group, columns, stored, contents.lock)
    new = f", {format_count(created, 'new title')}" if created else ""
    return BatchGrouped(batch=judged.batch, did=f"{files_or_nothing(done)}{new}")

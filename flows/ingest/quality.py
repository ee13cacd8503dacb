"""The step `judge-quality`: the quality gate judges files, and quarantines those that fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog_models.reads.facts import FACTS, PAST, facts_of, past_of
from catalog_models.tables import MediaFile
from catalog_models.values import Stage
from catalog_models.writes import findings, quality_results
from flows.ingest.batch import BatchResult, files_or_nothing, some_names, sweep
from flows.ingest.metadata import BatchRead
from flows.job.context import JobContext
from flows.job.steps import step
from orchestration.transactions import Transaction
from tasks.quality import Case, Judgement


@dataclass(frozen=True, kw_only=True)
class BatchJudged(BatchResult):
    """A batch that the gate has judged."""


@step("judge-quality", "quality", tag="cpu")
def judge_quality(context: JobContext, read: BatchRead) -> BatchJudged:
    """Judge a batch with Great Expectations, and quarantine failing files with their findings."""
    latest: list[Judgement] = []
    quarantined: list[str] = []

    def gate(transaction: Transaction, files: Sequence[MediaFile]) -> None:
        judgement = context.gate.judge([_case(file) for file in files])
        latest[:] = [judgement]
        findings.store(transaction.session, judgement.findings)
        quality_results.store_judgement(transaction.session, judgement.passed, judgement.quarantined)
        quality_results.approve(transaction.session, judgement.approved)

    def stored() -> None:
        context.notes.judgements.extend(latest)
        quarantined.extend(file.path for judgement in latest for file in judgement.failing if file.is_bad)

    columns = (MediaFile.path_text, *PAST, *FACTS)
    done = sweep(context, Stage.QUALITY, read.batch, gate, columns, stored)
    problems = f"{len(quarantined):,} quarantined: {some_names(quarantined)}" if quarantined else ""
    return BatchJudged(batch=read.batch, did=files_or_nothing(done), problems=problems)


def _case(file: MediaFile) -> Case:
    return Case(file.id, file.path_text, facts_of(file), file.size, past_of(file))

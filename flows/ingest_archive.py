"""The flow `ingest-archive`: bring the catalogue up to date with the archive."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from prefect import State, flow
from prefect.deployments import run_deployment
from prefect.runtime import flow_run

from catalog_models.errors import RefusedError
from catalog_models.locations import absolute
from catalog_models.scope import Scope
from catalog_models.values import Stage
from flows.ingest.batch import Batch, ClaimedBatch, batch_size, batches, due_now, free_now, rounds
from flows.ingest.catalogue import BatchGrouped, group_titles
from flows.ingest.index import BatchIndexed, index_titles
from flows.ingest.metadata import BatchRead, read_metadata
from flows.ingest.pictures import check_writable, find_lost_pictures
from flows.ingest.posters import BatchPictured, make_posters
from flows.ingest.quality import BatchJudged, judge_quality
from flows.ingest.roots import expect_allowed, roots_of
from flows.ingest.scan import ScanOptions, Target, scan_archive
from flows.ingest.scope import Scoped
from flows.ingest.summary import Summary, sum_up, total
from flows.ingest.titles import TitlesRead, read_titles
from flows.job.claims import claims_kept
from flows.job.executor import Executor, Later, in_flight
from flows.prefect_runs.ending import Ending
from flows.prefect_runs.parameters import Folder, Helpers, Pattern, Seconds, Workers
from flows.prefect_runs.report import show_ingest
from flows.prefect_runs.run import is_of_command, run_in_prefect, threads
from orchestration.markdown import printable
from orchestration.settings import Settings


def ingest(
    steps: Executor, targets: Sequence[Target], scanned: Callable[[bytes], None] = lambda _: None
) -> Summary:
    """Ingest folders, one after the other, and return the sum of their counts.

    A root that is refused does not stop the others: its error is raised at the end. `scanned` is called with
    each folder whose scan is recorded: from then on other hosts may help.
    """
    began, summaries = time.monotonic(), list[Summary]()
    refused: RefusedError | None = None
    before: list[Later[Any]] = []
    for target in targets:
        scan = steps.submit(scan_archive, target, *before)
        try:
            is_dry = scan.result().is_dry
        except RefusedError as error:
            if len(targets) > 1:
                steps.context.progress.warn(str(error))
            refused, before = refused or error, [scan]
            continue
        if not is_dry:
            scanned(target.folder)
        last = [] if is_dry else [catalogue_files(steps, scan)]
        summed_up = steps.submit(sum_up, scan, *last)
        summaries.append(summed_up.result().summary)
        before = [summed_up]
    if refused is not None:
        raise refused
    return total(summaries, time.monotonic() - began)


def catalogue_files(steps: Executor, scoped: Later[Scoped]) -> Later[BatchIndexed]:
    """Take the files that lack something through all steps, a batch at a time.

    Return the last step, which ended.
    """
    context = steps.context
    titled = steps.submit(read_titles, scoped)
    scope, size = titled.result().scope, batch_size(titled.result().due)
    check_writable(context)
    chains: list[Later[BatchIndexed]] = []
    with claims_kept(context.transactions, context.owner, context.settings.lease):
        for _round in rounds(context, Stage.METADATA, scope):
            claimed = batches(context, Stage.METADATA, scope, size)
            chains += in_flight(catalogue_batch(steps, titled, batch) for batch in claimed)
        judged = steps.submit(judge_quality, BatchRead(batch=Batch(scope)), titled, *chains)
        grouped = steps.submit(group_titles, judged)
        pictured = picture_titles(steps, scope, grouped)
    indexed = steps.submit(index_titles, BatchPictured(batch=Batch(scope)), *pictured)
    # A step that only comes after it would run although it failed.
    indexed.result()
    return indexed


def catalogue_batch(steps: Executor, titled: Later[TitlesRead], claimed: ClaimedBatch) -> Later[BatchIndexed]:
    """Take one batch from its files to the search index.

    Its titles are shown while other batches are read.
    """
    read = steps.submit(read_metadata, claimed, titled)
    judged = steps.submit(judge_quality, read)
    grouped = steps.submit(group_titles, judged)
    pictured = steps.submit(make_posters, grouped)
    return steps.submit(index_titles, pictured)


def picture_titles(
    steps: Executor, scope: Scope | None, grouped: Later[BatchGrouped]
) -> list[Later[BatchPictured]]:
    """Make the pictures that are still missing.

    If a file proves undecodable, another file of its title plays.
    """
    context, pictured = steps.context, list[Later[BatchPictured]]()
    grouped.result()
    find_lost_pictures(context, scope)
    for _round in rounds(context, Stage.THUMBNAILS, scope):
        context.progress.begin(Stage.THUMBNAILS, due_now(context, Stage.THUMBNAILS, scope))
        # Files that other processes have claimed need no step of this run.
        free = free_now(context, Stage.THUMBNAILS, scope)
        wanted = BatchGrouped(batch=Batch(scope, size=batch_size(free)))
        count = max(1, -(-free // wanted.batch.size))
        made = list(in_flight(steps.submit(make_posters, wanted, grouped) for _ in range(count)))
        pictured += made
        if context.notes.unwritable:
            break
        if due_now(context, Stage.CATALOGUE, scope):
            grouped = steps.submit(group_titles, BatchJudged(batch=Batch(scope)), *made)
            grouped.result()
    return pictured


def _name() -> str:
    root = flow_run.parameters.get("root")
    return printable(f"ingest {root or ' and '.join(Settings().archives) or 'nothing'}")


# A flow has a parameter for each field of its form in the UI.
@flow(name="ingest-archive", flow_run_name=_name, task_runner=threads())
def ingest_archive(  # noqa: PLR0913, PLR0917
    root: Folder | None = None,
    settle: Seconds = 10.0,
    exclude: list[Pattern] | None = None,
    accept_missing: bool = False,
    full: bool = False,
    dry_run: bool = False,
    workers: Workers | None = None,
    helpers: Helpers = 0,
) -> State[Summary]:
    """Bring the catalogue up to date with the archive.

    Scan the folder, and take every file that is new or changed into the catalogue: metadata, title, quality
    gate, posters, search index. Nothing below the folder is written; a run over an unchanged archive opens no
    file.

    Args:
        root: The archive's folder, as the worker's host sees it, or `s3://bucket/prefix`. Empty:
            NAS_MOUNT_PATH and AWS_S3_BUCKET of the worker.
        settle: Leave files that were written or renamed in the last `settle` seconds for the next run.
        exclude: Patterns of paths below the root to ignore, such as `*/Trash/*`.
        accept_missing: Confirm that the many missing files were deleted.
        full: Read every file again, also those that did not change.
        dry_run: Only walk and compare; change nothing.
        workers: Processes that open files. Empty: one per processor, at most 4.
        helpers: Start this many runs of `ingest-batch` to share the work, on other hosts of the work pool.
    """
    options = ScanOptions(settle, tuple(exclude or ()), accept_missing, full, dry_run)

    def body(steps: Executor) -> Summary:
        folders = roots_of(root, steps.context.settings)
        if not is_of_command():
            expect_allowed(root, steps.context.settings)
        targets = [Target(absolute(folder), options) for folder in folders]
        return ingest(steps, targets, partial(_start_helpers, helpers))

    return run_in_prefect(body, _ending, show_ingest, workers=workers)


def _start_helpers(helpers: int, folder: bytes) -> None:
    """Start runs of `ingest-batch` that share the work. Each file is claimed by one run."""
    root = os.fsdecode(folder)
    for number in range(helpers):
        run_deployment(
            "ingest-batch/ingest-batch",
            parameters={"root": root},
            timeout=0,
            flow_run_name=printable(f"help with {root} ({number + 1} of {helpers})"),
            # The client repeats a request that timed out, and then gets the same run.
            idempotency_key=f"{flow_run.id} {root} {number}",
        )


def _ending(summary: Summary) -> Ending:
    looked = summary.new + summary.changed + summary.moved + summary.pending
    problems = {
        "missing": summary.missing,
        "quarantined": summary.quarantined,
        "failed": summary.failed,
        "unreadable": summary.unreadable,
    }
    return Ending.of(
        "Completed" if looked else "Nothing new",
        summary.counts,
        problems,
        unindexed=summary.unindexed,
        down=summary.down,
        waiting=summary.waiting,
    )

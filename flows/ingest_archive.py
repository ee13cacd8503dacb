"""The flow `ingest-archive`."""

from __future__ import annotations

import datetime as dt
import os

from prefect import State, flow
from prefect.deployments import run_deployment
from prefect.runtime import flow_run

from catalog_models.values import counted
from catalog_models.writes.roots import absolute
from flows.ingest.roots import expect_allowed, roots_of
from flows.ingest.scan import ScanOptions
from flows.ingest.summary import Summary
from flows.ingest.summary import ingest_archives as ingest
from flows.prefect_runs.artifacts import show_summary
from flows.prefect_runs.bench import batch_runner
from flows.prefect_runs.context import at_work, is_handed_over
from flows.prefect_runs.parameters import Folder, Helpers, Pattern, Seconds, Workers
from flows.prefect_runs.report import show_run
from flows.prefect_runs.states import done, ended, files_wait, root_down
from orchestration.markdown import printable
from orchestration.settings import Settings


def _name() -> str:
    root = flow_run.parameters.get("root")
    return printable(f"ingest {root or ' and '.join(Settings().archives) or 'nothing'}")


@flow(name="ingest-archive", flow_run_name=_name, task_runner=batch_runner())
def ingest_archive(  # noqa: PLR0913, PLR0917  # a flow has as many parameters as its form in the UI has fields
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

    Scan the folder, and take every file that is new or changed to the shelf: metadata, title, quality gate, catalogue,
    thumbnails, search index. Nothing below the folder is written; a run over an unchanged archive opens no file.

    Args:
        root: The archive's folder, as the worker's host sees it, or `s3://bucket/prefix`. Empty: NAS_MOUNT_PATH and
            AWS_S3_BUCKET of the worker.
        settle: Leave files that were written or renamed in the last so many seconds for the next run.
        exclude: Patterns of paths below the root to ignore, such as `*/Trash/*`.
        accept_missing: Yes, the many files that are gone are really gone.
        full: Look again at every file, also at those that did not change.
        dry_run: Walk and compare only; change nothing.
        workers: Processes that open files. Empty: one a processor, at most 4.
        helpers: So many runs of `ingest-batch` are started to share the work, on other hosts of the work pool.
    """
    options = ScanOptions(settle, tuple(exclude or ()), accept_missing, full, dry_run)
    with at_work(workers) as place:
        started = dt.datetime.now(dt.UTC)

        def job() -> Summary:
            folders = roots_of(root, place.settings)
            if not is_handed_over():
                expect_allowed(root, place.settings)
            locations = [absolute(folder) for folder in folders]
            summary = ingest(locations, options, place, lambda at: _ask_for(helpers, os.fsdecode(at)))
            show_summary(summary, " and ".join(folders))
            return summary

        state = ended(job, lambda summary: _told(summary, full or bool(place.judged)))
        show_run(place, started)
        return state


def _ask_for(helpers: int, folder: str) -> None:
    """Start runs of `ingest-batch` that share the work; nobody waits for them, each file is claimed by one run."""
    for number in range(helpers):
        run_deployment(
            "ingest-batch/ingest-batch",
            parameters={"root": folder},
            timeout=0,
            flow_run_name=printable(f"help with {folder} ({number + 1} of {helpers})"),
            # The client repeats a request that timed out, and then gets the same run.
            idempotency_key=f"{flow_run.id} {folder} {number}",
        )


def _told(summary: Summary, full: bool) -> State[Summary]:
    looked = full or summary.new + summary.changed + summary.moved
    message = (
        f"{counted(summary.seen, 'file')}: {summary.new:,} new, {summary.changed:,} changed, {summary.moved:,} moved, "
        f"{summary.missing:,} missing, {summary.quarantined:,} quarantined, {summary.failed:,} failed"
    )
    if summary.unindexed:
        message = f"{message}; {summary.unindexed}"
    if summary.down:
        return root_down(summary, summary.down, f"{files_wait(summary.waiting)}; {message}")
    if summary.failed or summary.unreadable:
        return done(summary, message, name="Completed with failures")
    if summary.unindexed:
        return done(summary, message, name="Completed without the index")
    return done(summary, message, name="Completed" if looked or summary.pending else "Nothing new")

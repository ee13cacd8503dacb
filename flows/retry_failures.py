"""The flow `retry-failures`: try dead letters again."""

from __future__ import annotations

from dataclasses import dataclass

from prefect import State, flow

from catalog_models.values import format_count
from flows.ingest.scope import Wanted, find_files
from flows.ingest.summary import find_leftovers
from flows.ingest_archive import catalogue_files
from flows.job.executor import Executor
from flows.prefect_runs.ending import Ending
from flows.prefect_runs.parameters import Workers
from flows.prefect_runs.report import show_ingest
from flows.prefect_runs.run import run_in_prefect, threads


@dataclass(frozen=True)
class Retried:
    """The number of failures that were tried again, and of files that are failed now.

    `waiting` files were left because their roots are `down`. `missing` and `quarantined` count the
    files of all roots that are in that state now.
    """

    tried: int
    failed: int
    waiting: int = 0
    down: str | None = None
    missing: int = 0
    quarantined: int = 0


def retry(steps: Executor) -> Retried:
    """Try the dead letters of all roots again."""
    found = steps.submit(find_files, Wanted(retry=True))
    indexed = catalogue_files(steps, found)
    left = steps.submit(find_leftovers, found, indexed).result().leftovers
    failed = left.failed + left.unwritten
    return Retried(found.result().retried, failed, left.waiting, left.down, left.missing, left.quarantined)


@flow(name="retry-failures", flow_run_name="retry failures", task_runner=threads())
def retry_failures(workers: Workers | None = None) -> State[Retried]:
    """Try the dead letters again: files that a step gave up on.

    Args:
        workers: Processes that open files. Empty: one per processor, at most 4.
    """
    return run_in_prefect(retry, _ending, show_ingest, workers=workers)


def _ending(retried: Retried) -> Ending:
    message = (
        f"{format_count(retried.tried, 'failure')} tried again, {format_count(retried.failed, 'file')} failed"
    )
    name = "Completed" if retried.tried else "Nothing to retry"
    problems = {"missing": retried.missing, "quarantined": retried.quarantined, "failed": retried.failed}
    return Ending.of(name, message, problems, down=retried.down, waiting=retried.waiting)

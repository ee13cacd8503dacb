"""The flow `retry-failures`."""

from __future__ import annotations

import datetime as dt

from prefect import State, flow

from catalog_models.values import counted
from flows.ingest.summary import Retried
from flows.ingest.summary import retry_failures as retry
from flows.prefect_runs.bench import batch_runner
from flows.prefect_runs.context import at_work
from flows.prefect_runs.parameters import Workers
from flows.prefect_runs.report import show_run
from flows.prefect_runs.states import done, ended, files_wait, root_down


@flow(
    name="retry-failures",
    flow_run_name="try again what was given up on",
    task_runner=batch_runner(),
)
def retry_failures(workers: Workers | None = None) -> State[Retried]:
    """Try the dead letters again: files that a stage gave up on.

    Args:
        workers: Processes that open files. Empty: one a processor, at most 4.
    """
    started = dt.datetime.now(dt.UTC)
    with at_work(workers) as place:
        state = ended(lambda: retry(place), _told)
        show_run(place, started)
        return state


def _told(retried: Retried) -> State[Retried]:
    if retried.down:
        return root_down(retried, retried.down, files_wait(retried.waiting))
    message = f"{counted(retried.tried, 'failure')} tried again, {counted(retried.failed, 'file')} failed"
    if retried.failed:
        return done(retried, message, name="Completed with failures")
    return done(retried, message, name="Completed" if retried.tried else "Nothing to retry")

"""The flow `make-thumbnails`."""

from __future__ import annotations

import datetime as dt

from prefect import State, flow
from prefect.runtime import flow_run

from catalog_models.values import counted
from flows.ingest.roots import scope_of
from flows.ingest.summary import Pictured, make_pictures
from flows.prefect_runs.bench import batch_runner
from flows.prefect_runs.context import at_work
from flows.prefect_runs.parameters import Folder, Workers
from flows.prefect_runs.report import show_run
from flows.prefect_runs.states import done, ended, files_wait, root_down
from orchestration.markdown import printable


def _name() -> str:
    again = " again" if flow_run.parameters.get("again") else ""
    return printable(f"make pictures of {flow_run.parameters.get('root') or 'all roots'}{again}")


@flow(name="make-thumbnails", flow_run_name=_name, task_runner=batch_runner())
def make_thumbnails(
    root: Folder | None = None, again: bool = False, workers: Workers | None = None
) -> State[Pictured]:
    """Make the posters and storyboards that programmes lack.

    Args:
        root: A root that was ingested before, or a folder of one. Empty: all roots.
        again: Make all of them again, not only those that are missing.
        workers: Processes that open files. Empty: one a processor, at most 4.
    """
    started = dt.datetime.now(dt.UTC)
    with at_work(workers) as place:

        def job() -> Pictured:
            scope = place.transactions.run(lambda work: scope_of(work.session, root))
            return make_pictures(place, scope, again=again)

        state = ended(job, _told)
        show_run(place, started)
        return state


def _told(pictured: Pictured) -> State[Pictured]:
    if pictured.down:
        return root_down(pictured, pictured.down, files_wait(pictured.waiting))
    message = f"pictures of {counted(pictured.made, 'file')} made"
    if pictured.unwritten:
        return done(
            pictured, f"{message}; no room for {pictured.unwritten:,}", name="Completed with failures"
        )
    return done(pictured, message, name="Completed" if pictured.made else "Nothing lacking")

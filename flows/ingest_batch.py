"""The flow `ingest-batch`."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from prefect import State, flow
from prefect.runtime import flow_run

from catalog_models.values import counted
from flows.ingest.roots import scope_of
from flows.ingest.summary import Leftovers, index, leftovers_of
from flows.job.claims import release_the_dead
from flows.job.context import Run
from flows.prefect_runs.bench import batch_runner
from flows.prefect_runs.context import at_work
from flows.prefect_runs.parameters import Folder, Workers
from flows.prefect_runs.report import show_run
from flows.prefect_runs.states import done, ended, files_wait, root_down
from orchestration.markdown import printable


def _name() -> str:
    return printable(f"finish the files of {flow_run.parameters.get('root') or 'all roots'}")


@flow(name="ingest-batch", flow_run_name=_name, task_runner=batch_runner())
def ingest_batch(root: Folder | None = None, workers: Workers | None = None) -> State[Leftovers]:
    """Finish known files that lack a stage, a batch at a time; other runs may do the same.

    Scans nothing. Each run claims files for a time in the database, so that runs on many hosts never meet; what a
    killed one had claimed, another takes up when its lease has run out. Ends when nothing is left.

    Args:
        root: A root that was ingested before, or a folder of one. Empty: all roots.
        workers: Processes that open files. Empty: one a processor, at most 4.
    """
    started = dt.datetime.now(dt.UTC)
    with at_work(workers) as place:

        def job() -> Leftovers:
            release_the_dead(place.transactions)
            run = Run(place, place.transactions.run(lambda work: scope_of(work.session, root)))
            return replace(leftovers_of(run), unindexed=index(place))

        state = ended(job, lambda left: _told(left, sum(len(judgement.files) for judgement in place.judged)))
        show_run(place, started)
        return state


def _told(left: Leftovers, judged: int) -> State[Leftovers]:
    if left.down:
        return root_down(left, left.down, files_wait(left.waiting))
    if not left.unwritten and not left.changing:
        message = f"{counted(judged, 'file')} judged; nothing is left to do"
        if left.unindexed:
            return done(left, f"{message}; {left.unindexed}", name="Completed without the index")
        return done(left, message)
    message = f"{counted(len(left.changing), 'file')} changed meanwhile, {left.unwritten:,} without pictures: no room for them"
    if left.unindexed:
        message = f"{message}; {left.unindexed}"
    return done(left, message, name="Completed with failures")

"""The flow `ingest-batch`: finish known files, together with other runs that do the same."""

from __future__ import annotations

from prefect import State, flow
from prefect.runtime import flow_run

from catalog_models.values import format_count
from flows.ingest.scope import Wanted, find_files
from flows.ingest.summary import Leftovers, find_leftovers
from flows.ingest_archive import catalogue_files
from flows.job.executor import Executor
from flows.prefect_runs.ending import Ending
from flows.prefect_runs.parameters import Folder, Workers
from flows.prefect_runs.report import show_ingest
from flows.prefect_runs.run import run_in_prefect, threads
from orchestration.markdown import printable


def finish_files(steps: Executor, root: str | None) -> Leftovers:
    """Take the unfinished known files of a root through all steps. Return the files that are left."""
    found = steps.submit(find_files, Wanted(root))
    indexed = catalogue_files(steps, found)
    return steps.submit(find_leftovers, found, indexed).result().leftovers


def _name() -> str:
    return printable(f"finish the files of {flow_run.parameters.get('root') or 'all roots'}")


@flow(name="ingest-batch", flow_run_name=_name, task_runner=threads())
def ingest_batch(root: Folder | None = None, workers: Workers | None = None) -> State[Leftovers]:
    """Finish known files that lack something, a batch at a time; other runs may do the same.

    Nothing is scanned. Each run claims files in the database for a time, so that two runs never work on the
    same file. When a run is killed, another one takes its files once their lease has run out. The run ends
    when nothing is left.

    Args:
        root: A root that was ingested before, or a folder of one. Empty: all roots.
        workers: Processes that open files. Empty: one per processor, at most 4.
    """
    return run_in_prefect(lambda steps: finish_files(steps, root), _ending, show_ingest, workers=workers)


def _ending(left: Leftovers) -> Ending:
    problems = {
        "missing": left.missing,
        "quarantined": left.quarantined,
        "failed": left.failed,
        "without pictures": left.unwritten,
        "changed meanwhile": left.changing,
    }
    message = f"{format_count(left.failed, 'file')} failed, {left.changing:,} changed while they were read"
    if not (left.failed or left.unwritten or left.changing):
        message = "nothing is left to do"
    return Ending.of(
        "Completed", message, problems, unindexed=left.unindexed, down=left.down, waiting=left.waiting
    )

"""The flow `make-thumbnails`: make missing pictures, and some of an older version again."""

from __future__ import annotations

from dataclasses import dataclass

from prefect import State, flow
from prefect.runtime import flow_run

from catalog_models.reads.older_pictures import count_older_pictures
from catalog_models.values import format_count
from flows.ingest.batch import Batch
from flows.ingest.catalogue import group_titles
from flows.ingest.index import index_titles
from flows.ingest.metadata import BatchRead
from flows.ingest.pictures import check_writable
from flows.ingest.posters import BatchPictured
from flows.ingest.quality import judge_quality
from flows.ingest.scope import Wanted, find_files
from flows.ingest.summary import find_leftovers
from flows.ingest_archive import picture_titles
from flows.job.claims import claims_kept
from flows.job.executor import Executor
from flows.prefect_runs.ending import Ending
from flows.prefect_runs.parameters import Count, Folder, Workers
from flows.prefect_runs.report import show_ingest
from flows.prefect_runs.run import run_in_prefect, threads
from orchestration.markdown import printable
from tasks.thumbnails.generator import GENERATOR


@dataclass(frozen=True)
class Pictured:
    """The number of files that got pictures, and of those whose pictures could not be written.

    `waiting` files were left because their roots are `down`. `missing` and `quarantined` count the
    files of the scope that are in that state now. `older` files still have pictures of an older version.
    """

    made: int
    unwritten: int
    waiting: int = 0
    down: str | None = None
    missing: int = 0
    quarantined: int = 0
    older: int = 0


def make_pictures(
    steps: Executor, root: str | None, *, again: bool = False, budget: int | None = None
) -> Pictured:
    """Make the pictures that titles lack, and those of `budget` files that an older version made.

    `budget` None: the setting. `again`: make all pictures again.
    """
    context = steps.context
    most = context.settings.older_pictures if budget is None else budget
    found = steps.submit(find_files, Wanted(root, pictures_again=again, older_pictures=most))
    scope = found.result().scope
    check_writable(context)
    with claims_kept(context.transactions, context.owner, context.settings.lease):
        judged = steps.submit(judge_quality, BatchRead(batch=Batch(scope)), found)
        grouped = steps.submit(group_titles, judged)
        pictured = picture_titles(steps, scope, grouped)
    indexed = steps.submit(index_titles, BatchPictured(batch=Batch(scope)), *pictured)
    indexed.result()
    left = steps.submit(find_leftovers, found, indexed).result().leftovers
    made = sum(batch.result().made for batch in pictured)
    older = context.transactions.in_session(count_older_pictures, scope, GENERATOR)
    return Pictured(made, left.unwritten, left.waiting, left.down, left.missing, left.quarantined, older)


def _name() -> str:
    again = " again" if flow_run.parameters.get("again") else ""
    return printable(f"make pictures of {flow_run.parameters.get('root') or 'all roots'}{again}")


@flow(name="make-thumbnails", flow_run_name=_name, task_runner=threads())
def make_thumbnails(
    root: Folder | None = None,
    again: bool = False,
    budget: Count | None = None,
    workers: Workers | None = None,
) -> State[Pictured]:
    """Make the pictures that titles lack, and some of an older version again.

    Args:
        root: A root that was ingested before, or a folder of one. Empty: all roots.
        again: Make all of them again, not only those that are missing.
        budget: The most files whose pictures, made by an older version, to make again in this run, the most
            viewed titles first. Empty: WSOPTV_OLDER_PICTURES of the worker.
        workers: Processes that open files. Empty: one per processor, at most 4.
    """
    return run_in_prefect(
        lambda steps: make_pictures(steps, root, again=again, budget=budget),
        _ending,
        show_ingest,
        workers=workers,
    )


def _ending(pictured: Pictured) -> Ending:
    left = (
        f"; those of {format_count(pictured.older, 'file')} are of an older version" if pictured.older else ""
    )
    return Ending.of(
        "Completed" if pictured.made else "Nothing missing",
        f"pictures of {format_count(pictured.made, 'file')} made{left}",
        {
            "missing": pictured.missing,
            "quarantined": pictured.quarantined,
            "without pictures": pictured.unwritten,
        },
        down=pictured.down,
        waiting=pictured.waiting,
    )

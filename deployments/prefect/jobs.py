"""Jobs of the command line: they run in this process, as flow runs that Prefect shows, or without Prefect."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from deployments.imports import without_collections
from deployments.prefect.command_runs import prefect_in_use, run_as_flow
from deployments.runtime import open_runtime
from deployments.terminal.notices import current_notices, notice_if_slow
from deployments.terminal.progress import shown_progress
from flows.ingest.scan import ScanOptions, Target
from flows.job.context import JobContext
from flows.job.executor import Executor, run_in_threads
from tasks.media.pool import MediaPool
from tasks.quality import Case, Gate, Judge, Judgement

if TYPE_CHECKING:
    from pathlib import Path

    from flows.ingest.summary import Summary
    from flows.reindex_search import Reindexed
    from flows.retry_failures import Retried
    from flows.upkeep.export import Exported
    from flows.upkeep.fixity import Verified

T = TypeVar("T")


@dataclass(frozen=True)
class RunOptions:
    """The options of a run.

    `plain`: without Prefect; `quiet`: without progress bars. `workers` is the number of processes that open
    files; a job that does not read files in them (`reads`) starts none. `on_run` gets the address of the flow
    run in Prefect's UI.
    """

    plain: bool
    quiet: bool = False
    workers: int | None = None
    reads: bool = True
    on_run: Callable[[str], None] = lambda _address: None


@contextmanager
def job_context(purpose: str, options: RunOptions) -> Iterator[JobContext]:
    """Yield the context of a job; its servers run during the block.

    The pool is opened first, so that it loads while the servers start.
    """
    with ExitStack() as held:
        pool = held.enter_context(MediaPool(options.workers)) if options.reads else None
        # Without Prefect, the quality gate is the one in plain Python.
        gate = None if options.plain else _NoticedGate(held.enter_context(Gate()))
        runtime = held.enter_context(open_runtime(purpose))
        if not options.plain:
            held.enter_context(prefect_in_use(runtime.settings, purpose))
        progress = held.enter_context(shown_progress(quiet=options.quiet))
        yield runtime.context(progress, pool, gate)


def run_job(
    context: JobContext,
    options: RunOptions,
    body: Callable[[Executor], T],
    flow: Callable[[], Callable[..., Any]],
    parameters: Mapping[str, Any],
) -> T:
    """Run the body of a job, as a run of its flow or without Prefect; return its result, raise its errors.

    `flow` is a function that imports the flow, because Prefect reads its settings when it is first imported.
    """
    without_prefect = partial(run_in_threads, context, body)
    if options.plain:
        return without_prefect()
    with notice_if_slow("loading Prefect"), without_collections():
        loaded = flow()
    return run_as_flow(loaded, context, without_prefect, parameters, options.on_run)


class _NoticedGate:
    """A quality gate that shows a notice if its libraries take long to load."""

    def __init__(self, gate: Judge) -> None:
        self._gate, self._notices = gate, current_notices()

    def start(self) -> None:
        """Start to load the libraries, while the job continues."""
        self._gate.start()

    def judge(self, batch: Sequence[Case]) -> Judgement:
        """Return the judgement of a batch of files."""
        with notice_if_slow("loading the quality gate", self._notices):
            judgement = self._gate.judge(batch)
        self._notices = _silent
        return judgement


def _silent(_message: str) -> None: ...


def ingest(roots: Sequence[bytes], options: ScanOptions, how: RunOptions) -> Summary:
    """Update the catalogue from the archives at these locations."""
    with job_context("ingest", how) as context:
        return ingest_in(context, roots, options, how)


def ingest_in(context: JobContext, roots: Sequence[bytes], options: ScanOptions, how: RunOptions) -> Summary:
    """Ingest in a context that is already open."""
    if not how.plain and not _fit_json(*map(os.fsdecode, roots), *options.exclude):
        how = _without_prefect(context, how)

    def body(steps: Executor) -> Summary:
        from flows.ingest_archive import ingest as run

        return run(steps, [Target(root, options) for root in roots])

    def flow() -> Callable[..., Any]:
        from flows.ingest_archive import ingest_archive

        return ingest_archive

    parameters = {
        "root": os.fsdecode(roots[0]) if len(roots) == 1 else None,
        "settle": options.settle,
        "exclude": list(options.exclude),
        "accept_missing": options.accept_missing,
        "full": options.full,
        "workers": how.workers,
    }
    return run_job(context, how, body, flow, parameters)


def retry(how: RunOptions) -> Retried:
    """Try the dead letters of all roots again."""

    def body(steps: Executor) -> Retried:
        from flows.retry_failures import retry as run

        return run(steps)

    def flow() -> Callable[..., Any]:
        from flows.retry_failures import retry_failures

        return retry_failures

    with job_context("retry", how) as context:
        return run_job(context, how, body, flow, {"workers": how.workers})


def reindex(how: RunOptions) -> Reindexed:
    """Compare the search with the titles, and rebuild its index."""

    def body(steps: Executor) -> Reindexed:
        from flows.reindex_search import reindex as run

        return run(steps)

    def flow() -> Callable[..., Any]:
        from flows.reindex_search import reindex_search

        return reindex_search

    with job_context("reindex", how) as context:
        return run_job(context, how, body, flow, {})


def verify(budget: int | None, how: RunOptions, *, dry: bool) -> Verified:
    """Read whole files until `budget` bytes are read, and compare them with their fingerprints."""

    def body(steps: Executor) -> Verified:
        from flows.verify_fixity import verify as run

        return run(steps, budget, dry=dry)

    def flow() -> Callable[..., Any]:
        from flows.verify_fixity import verify_fixity

        return verify_fixity

    with job_context("fixity", how) as context:
        return run_job(context, how, body, flow, {"budget": budget, "dry_run": dry})


def export(folder: Path | None, how: RunOptions) -> Exported:
    """Write an export to a folder (None: a new folder in `exports` of the home)."""

    def body(steps: Executor) -> Exported:
        from flows.export_catalogue import export as run

        return run(steps, folder)

    def flow() -> Callable[..., Any]:
        from flows.export_catalogue import export_catalogue

        return export_catalogue

    named = None if folder is None else str(folder)
    with job_context("export", how) as context:
        if not how.plain and not _fit_json(named or ""):
            how = _without_prefect(context, how)
        return run_job(context, how, body, flow, {"folder": named})


def _without_prefect(context: JobContext, how: RunOptions) -> RunOptions:
    context.progress.warn(
        "a path is not valid UTF-8, which Prefect cannot store: the job runs without Prefect"
    )
    return replace(how, plain=True)


def _fit_json(*names: str) -> bool:
    """Return whether JSON can hold these names."""
    try:
        "".join(names).encode()
    except UnicodeEncodeError:
        return False
    return True

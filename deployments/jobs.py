"""Jobs of the command line: in this process, as flow runs that Prefect shows, or without Prefect."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from deployments.cli.progress import shown_progress
from deployments.observed import prefect_in_use, run_observed
from deployments.runtime import enter
from flows.ingest.scan import ScanOptions, Target
from flows.job.context import JobContext
from flows.job.executor import Executor, run_in_threads
from tasks.media.pool import MediaPool
from tasks.quality import Gate

if TYPE_CHECKING:
    from flows.ingest.summary import Summary
    from flows.retry_failures import Retried

T = TypeVar("T")


@dataclass(frozen=True)
class RunOptions:
    """How a job runs: `plain` without Prefect, `quiet` without bars, with so many `workers` that open files.

    Nothing `judges` files: then the quality gate is not started, which takes seconds. Nothing `reads` files in
    processes: then these are not started.
    """

    plain: bool
    quiet: bool = False
    workers: int | None = None
    judges: bool = False
    reads: bool = True


@contextmanager
def job_context(purpose: str, options: RunOptions) -> Iterator[JobContext]:
    """Yield the context of a job, with its servers. What takes long to load comes first: it loads while servers start."""
    with ExitStack() as held:
        pool = held.enter_context(MediaPool(options.workers)) if options.reads else None
        gate = held.enter_context(Gate()) if options.judges and not options.plain else None
        runtime = held.enter_context(enter(purpose))
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
    """Run the body of a job, and return what it returns: as a run of its `flow`, or without Prefect.

    `flow` imports the flow: Prefect reads its settings when it is first imported. Raise what the body raises.
    """

    without_prefect = partial(run_in_threads, context, body)
    return (
        without_prefect() if options.plain else run_observed(flow(), context, without_prefect, **parameters)
    )


def ingest(roots: Sequence[bytes], options: ScanOptions, how: RunOptions) -> Summary:
    """Bring the catalogue up to date with the archives at these locations."""
    with job_context("ingest", how) as context:
        return ingest_in(context, roots, options, how)


def ingest_in(context: JobContext, roots: Sequence[bytes], options: ScanOptions, how: RunOptions) -> Summary:
    """Ingest in a context that exists already."""
    if not how.plain and not _fit_json(roots, options):
        context.progress.warn(
            "a name is not valid UTF-8, which Prefect cannot store: the ingest runs without Prefect"
        )
        how = RunOptions(plain=True)

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


def _fit_json(roots: Sequence[bytes], options: ScanOptions) -> bool:
    """Return whether the names are text that JSON can hold."""
    try:
        "".join((*map(os.fsdecode, roots), *options.exclude)).encode()
    except UnicodeEncodeError:
        return False
    return True

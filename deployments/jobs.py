"""The jobs of the command line: in this process, as flow runs that Prefect shows, or plainly."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from deployments.cli.progress import shown_progress
from deployments.observed import prefect_in_use, run_observed
from deployments.runtime import enter
from flows.ingest import summary as jobs
from flows.ingest.scan import ScanOptions
from flows.job.context import JobContext
from tasks.media.pool import MediaPool
from tasks.quality import Gate


@dataclass(frozen=True)
class Manner:
    """How a job is done: `plain` without Prefect, `quiet` without bars, with so many `workers` that open files."""

    plain: bool
    quiet: bool = False
    workers: int | None = None


@contextmanager
def workplace(purpose: str, manner: Manner) -> Iterator[JobContext]:
    """A place to work at, with its servers. What takes long to load comes first: it loads while the servers start."""
    with ExitStack() as held:
        pool = held.enter_context(MediaPool(manner.workers))
        gate = None if manner.plain else held.enter_context(Gate())
        runtime = held.enter_context(enter(purpose))
        if not manner.plain:
            held.enter_context(prefect_in_use(runtime.settings, purpose))
        progress = held.enter_context(shown_progress(quiet=manner.quiet))
        yield runtime.place(progress, pool, gate)


def ingest(roots: Sequence[bytes], options: ScanOptions, manner: Manner) -> jobs.Summary:
    """Bring the catalogue up to date with the archives at these locations."""
    with workplace("ingest", manner) as place:
        return ingest_at(place, roots, options, manner)


def ingest_at(
    place: JobContext, roots: Sequence[bytes], options: ScanOptions, manner: Manner
) -> jobs.Summary:
    """The same, at a place that is there already."""
    job = partial(jobs.ingest_archives, roots, options, place)
    if manner.plain:
        return job()
    if not _can_be_told(roots, options):
        place.progress.warn("a name that is no UTF-8 cannot be told to Prefect: going on without it")
        return job()
    from flows.ingest_archive import ingest_archive

    return run_observed(
        ingest_archive,
        place,
        job,
        root=os.fsdecode(roots[0]) if len(roots) == 1 else None,
        settle=options.settle,
        exclude=list(options.exclude),
        accept_missing=options.accept_missing,
        full=options.full,
        workers=manner.workers,
    )


def retry(manner: Manner) -> jobs.Retried:
    """Try the dead letters of all roots again."""
    with workplace("retry", manner) as place:
        job = partial(jobs.retry_failures, place)
        if manner.plain:
            return job()
        from flows.retry_failures import retry_failures

        return run_observed(retry_failures, place, job, workers=manner.workers)


def _can_be_told(roots: Sequence[bytes], options: ScanOptions) -> bool:
    """Whether the names are text that JSON can hold."""
    try:
        "".join((*map(os.fsdecode, roots), *options.exclude)).encode()
    except UnicodeEncodeError:
        return False
    return True

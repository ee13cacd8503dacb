"""A full ingest, beside bare loops that probe the same files and decode the same pictures without a database.

The claim is about the loop of plain PyAV; the other loop runs our own reading code.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import av
import psutil

from benchmarks.home import bench_home
from benchmarks.results import Result
from catalog_models.values import text_of
from flows.ingest.scan import ScanOptions, Target
from flows.ingest_archive import ingest
from flows.job.context import JobContext, NoProgress
from flows.job.executor import run_in_threads
from tasks.media.film import Film
from tasks.media.pool import MediaPool
from tasks.media.reading import KeyPicture
from tasks.metadata.inspection import inspect
from tasks.scan import walk
from tasks.thumbnails.sampling import moments, sample
from tasks.titles import is_video_path


def measure(archive: Path) -> list[Result]:
    """Run the bare loops before and after the ingest and take their mean: page cache and machine drift."""
    folder = os.fsencode(archive)
    before = {loop: _alone(loop, folder) for loop in (_plain, _ours)}
    with MediaPool(2) as pool, bench_home("ingest") as home, _Memory() as memory:
        clock = _StageClock()
        context = JobContext(home.settings, home.transactions, pool, clock)
        target = Target(folder, ScanOptions(settle=0))
        summary = run_in_threads(context, lambda steps: ingest(steps, [target]))
        ours = time.perf_counter() - clock.started
    assert summary.failed == 0
    bare = {loop: (seconds + _alone(loop, folder)) / 2 for loop, seconds in before.items()}
    what = f"full ingest of {summary.new:,} videos, beside"
    return [
        Result(f"{what} a bare loop of PyAV in two threads", ours, bare[_plain], "s", 1.3),
        Result(f"{what} our own reading code in two threads", ours, bare[_ours], "s", None),
        Result("peak memory of the ingest with its two workers", memory.peak, None, "MB", 400),
    ]


Job = tuple[bytes, int, int]


def _alone(look: Callable[[Job], None], folder: bytes) -> float:
    """Run a bare loop in a process of its own, whose memory does not count. Returns its seconds."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_bare, look, folder).result()


def bare_loop(archive: Path) -> float:
    """Return the seconds of the loop of plain PyAV."""
    return _alone(_plain, os.fsencode(archive))


class _StageClock(NoProgress):
    """Note when the first stage begins."""

    started = 0.0

    def begin(self, stage: str, total: int | None, unit: str = "files") -> None:
        self.started = self.started or time.perf_counter()


def _bare(look: Callable[[Job], None], folder: bytes) -> float:
    """Return the seconds to walk, and to look at every video in two threads."""
    started = time.perf_counter()
    met = walk(folder, lambda path: is_video_path(text_of(path)))
    jobs = [(os.path.join(folder, file.path), file.size, file.mtime_ns) for file in met.videos]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(look, jobs))
    return time.perf_counter() - started


def _plain(job: Job) -> None:
    """Open, decode the first picture, seek to the same moments and decode there."""
    with av.open(os.fsdecode(job[0])) as container:
        video = container.streams.video[0]
        next(container.decode(video), None)
        duration = container.duration / av.time_base if container.duration else None
        for moment in moments(duration):
            container.seek(round(moment.second * av.time_base))
            next(container.decode(video), None)


def _ours(job: Job) -> None:
    """Do the same with the code of the ingest."""

    def decode(film: Film, first: KeyPicture) -> None:
        for _moment, _frame in sample(film, moments(film.seconds), first):
            pass

    inspect(*job, decode)


class _Memory:
    """The peak of the proportional set size (shared pages counted once) of this process and its children, in MB."""

    peak = 0.0

    def __enter__(self) -> _Memory:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        this = psutil.Process()
        while not self._done.wait(0.5):
            total = 0
            for process in [this, *this.children(recursive=True)]:
                try:
                    total += process.memory_full_info().pss
                except psutil.Error:
                    continue
            self.peak = max(self.peak, total / 1e6)

"""A full ingest, compared with bare loops that probe and decode the same files without a database.

The claim is about the loop of plain PyAV. The other loop runs our own reading code.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import av
import psutil

from benchmarks.home import bench_home
from benchmarks.memory import PeakMemory, with_children
from benchmarks.results import Result
from catalog_models.values import path_as_text
from flows.ingest.scan import ScanOptions, Target
from flows.ingest_archive import ingest
from flows.job.context import JobContext, NoProgress
from flows.job.executor import run_in_threads
from tasks.media.container import KeyPicture
from tasks.media.film import Film
from tasks.media.pool import MediaPool
from tasks.metadata.inspection import inspect
from tasks.scan import walk
from tasks.thumbnails.frame_selection import moments, sample
from tasks.titles import is_video_path


def measure(archive: Path) -> list[Result]:
    """Measure the ingest, and the mean of the bare loops before and after it, because machines drift."""
    folder = os.fsencode(archive)
    before = {loop: _alone(loop, folder) for loop in (_plain, _ours)}
    with (
        MediaPool(2) as pool,
        bench_home("ingest") as home,
        PeakMemory(with_children, _LOOK_SECONDS) as memory,
    ):
        clock = _StageClock()
        worked = processor_seconds()
        context = JobContext(home.settings, home.transactions, pool, clock)
        target = Target(folder, ScanOptions(settle=0))
        summary = run_in_threads(context, lambda steps: ingest(steps, [target]))
        ours = Cost(time.perf_counter() - clock.started, processor_seconds() - worked)
    assert summary.failed == 0
    bare = {loop: cost.mean(_alone(loop, folder)) for loop, cost in before.items()}
    what = f"full ingest of {summary.new:,} videos, beside"
    plain, own = bare[_plain], bare[_ours]
    return [
        Result(f"{what} a bare loop of PyAV in two threads", ours.seconds, plain.seconds, "s", 1.2),
        Result(f"{what} our own reading code in two threads", ours.seconds, own.seconds, "s", None),
        Result(
            f"processor time of the {what} that of the bare loop", ours.processor, plain.processor, "s", None
        ),
        Result("peak memory of the ingest with its two workers", memory.peak, None, "MB", 400),
    ]


@dataclass(frozen=True)
class Cost:
    """Seconds of wall-clock time, and of processor time of all processes together."""

    seconds: float
    processor: float

    def mean(self, other: Cost) -> Cost:
        """Return the mean of two runs."""
        return Cost((self.seconds + other.seconds) / 2, (self.processor + other.processor) / 2)


def processor_seconds() -> float:
    """Return the processor time of this process and its children, including ended ones."""
    this = psutil.Process()
    return sum(sum(process.cpu_times()[:4]) for process in [this, *this.children(recursive=True)])


Job = tuple[bytes, int, int]


def _alone(look: Callable[[Job], None], folder: bytes) -> Cost:
    """Run a bare loop in a separate process, whose memory does not count."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_bare, look, folder).result()


def bare_loop(archive: Path) -> float:
    """Measure the loop of plain PyAV."""
    return _alone(_plain, os.fsencode(archive)).seconds


class _StageClock(NoProgress):
    """Record when the first stage begins."""

    started = 0.0

    def begin(self, stage: str, total: int | None, unit: str = "files") -> None:
        self.started = self.started or time.perf_counter()


def _bare(look: Callable[[Job], None], folder: bytes) -> Cost:
    """Return the cost of a walk, and of reading every video in two threads."""
    started, worked = time.perf_counter(), time.process_time()
    met = walk(folder, lambda path: is_video_path(path_as_text(path)))
    jobs = [(os.path.join(folder, file.path), file.size, file.mtime_ns) for file in met.videos]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(look, jobs))
    return Cost(time.perf_counter() - started, time.process_time() - worked)


def _plain(job: Job) -> None:
    """Open a file, decode its first picture, seek to the same positions and decode there."""
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


# Seconds between two samples of the memory. A sample takes 50 ms of processor time, counted for the ingest.
_LOOK_SECONDS = 2.0

"""A full ingest, beside a bare loop that does the same probes and decodes the same pictures without a database."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import psutil

from benchmarks.home import bench_home
from benchmarks.results import Result
from catalog_models.values import text_of
from flows.context import Silence
from flows.ingest import ingest_archive
from flows.scanning import ScanOptions
from tasks.media.pool import MediaPool
from tasks.media.reading import main_video, open_container, read_only, seconds
from tasks.media.source import open_source
from tasks.metadata.facts import read_facts
from tasks.scan import walk
from tasks.thumbnails.sampling import moments, sample
from tasks.titles import is_video_path


def measure(archive: Path) -> list[Result]:
    """Bare loop, ingest, bare loop again: the mean of the two, for the page cache and the machine drift."""
    folder = os.fsencode(archive)
    before = _alone(folder)
    with MediaPool(2) as pool, bench_home("ingest") as home, _Memory() as memory:
        clock = _StageClock()
        summary = ingest_archive(folder, ScanOptions(settle=0), home.settings, home.transactions, pool, clock)
        ours = time.perf_counter() - clock.started
    assert summary.failed == 0
    bare = (before + _alone(folder)) / 2
    what = f"full ingest of {summary.new:,} videos, beside the bare loop in two threads"
    return [
        Result(what, ours, bare, "s", 1.3),
        Result("peak memory of the ingest with its two workers", memory.peak, None, "MB", 400),
    ]


def _alone(folder: bytes) -> float:
    """The bare loop in a process of its own, whose memory is not ours."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_bare, folder).result()


class _StageClock(Silence):
    """Notes when the first stage begins."""

    started = 0.0

    def begin(self, stage: str, total: int | None) -> None:
        self.started = self.started or time.perf_counter()


def _bare(folder: bytes) -> float:
    """Seconds to walk, probe and decode in two threads."""
    started = time.perf_counter()
    met = walk(folder, lambda path: is_video_path(text_of(path)))
    jobs = [(os.path.join(folder, file.path), file.size, file.mtime_ns) for file in met.videos]
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(_probe, jobs))
        list(threads.map(_decode, jobs))
    return time.perf_counter() - started


def _probe(job: tuple[bytes, int, int]) -> None:
    with open_source(*job) as source:
        read_facts(source)


def _decode(job: tuple[bytes, int, int]) -> None:
    with open_source(*job) as source, open_container(source) as container:
        video = main_video(container)
        if video is not None:
            read_only(container, video)
            for _moment, _frame in sample(container, video, moments(seconds(container, video))):
                pass


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

"""A full ingest with Prefect, compared with the bare loop and with the same ingest without Prefect."""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

import psutil

from benchmarks.home import BenchHome, bench_home
from benchmarks.ingest import bare_loop
from benchmarks.processes import running
from benchmarks.results import Result
from deployments.stack import use_prefect

_EMPTY_RUNS = 10


def measure(archive: Path) -> list[Result]:
    """Ingest on running servers; measure from the start of the first stage to the end of the last."""
    before = bare_loop(archive)
    with bench_home("observed") as home, use_prefect(home.settings, "benchmark"):
        observed, memory, _wall = _ingest(home, archive)
        plain, _memory, _wall = _ingest(home, archive, "--full", "--no-prefect")
        after = bare_loop(archive)
        empty = [_ingest(home, archive)[2] for _ in range(_EMPTY_RUNS)]
        size = sum(path.stat().st_size for path in (home.settings.home / "prefect").glob("prefect.db*"))
    bare = (before + after) / 2
    share = (observed - plain) / observed
    return [
        Result(
            "full ingest through Prefect, beside the bare loop of PyAV in two threads",
            observed,
            bare,
            "s",
            1.4,
        ),
        Result("the same, beside it without Prefect and Great Expectations", observed, plain, "s", None),
        Result("share of Prefect and Great Expectations in it", 100 * share, None, "%", 20),
        Result("peak memory of the flow's process", memory, None, "MB", 300),
        Result("`wsoptv ingest` with nothing new", sum(empty) / len(empty), None, "s", 3),
        Result(
            f"Prefect's database after it and {_EMPTY_RUNS} ingests with nothing new",
            size / 1e6,
            None,
            "MB",
            50,
        ),
    ]


def _ingest(home: BenchHome, archive: Path, *options: str) -> tuple[float, float, float]:
    """Return the seconds of the run, the peak memory of its process in MB, and the seconds of the command."""
    command = [sys.executable, "-P", "-c", "from deployments.cli import main; main()", "ingest", str(archive)]
    environment = {"WSOPTV_HOME": str(home.settings.home)}
    peaks: list[float] = []
    started = time.perf_counter()
    with running([*command, "--settle", "0", "--json", *options], environment, output=True) as run:
        # The thread ends with the process, which `running` stops in any case.
        threading.Thread(target=_watch, args=(run.pid, peaks), daemon=True).start()
        output, _errors = run.communicate()
    if run.returncode:
        raise RuntimeError(f"`wsoptv ingest` ended with exit code {run.returncode}: {output}")
    summary = json.loads(output.splitlines()[-1])
    assert summary["failed"] == 0
    return summary["seconds"], max(peaks, default=0.0), time.perf_counter() - started


def _watch(pid: int, peaks: list[float]) -> None:
    """Record the resident memory of a process, in MB, ten times per second."""
    try:
        process = psutil.Process(pid)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            peaks.append(process.memory_info().rss / 1e6)
            time.sleep(0.1)
    except psutil.Error:
        return

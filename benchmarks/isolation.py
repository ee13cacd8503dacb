"""A benchmark in a separate process, with a deadline; none of its processes remains."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from benchmarks.results import NotMeasurableError, Result
from deployments.signals import end_with_parent, unwind_on_sigterm

# Seconds for the servers of a benchmark to stop.
_GRACE_SECONDS = 60.0
# The usual exit code of test suites for a skipped test.
_SKIPPED = 77
_LOOK_SECONDS = 0.05


class BenchmarkFailedError(Exception):
    """The benchmark failed, was killed or took too long, as the message says."""


def measure_isolated(module: str, archive: Path, seconds: float) -> list[Result]:
    """Return what `measure` of a module returns, called in a process group of its own.

    Raises `BenchmarkFailedError` when it fails or takes longer than `seconds`, and `NotMeasurableError`. In
    any case, and on an interrupt, the process gets SIGTERM, and then the rest of its group is killed.
    """
    with tempfile.TemporaryDirectory(prefix="wsoptv-bench-result-") as folder:
        output = Path(folder, "results.json")
        command = [sys.executable, "-m", "benchmarks.isolation", module, str(archive), str(output)]
        # In a new session, so that Ctrl-C reaches only this process, which then stops the other one cleanly.
        process = subprocess.Popen(command, start_new_session=True)
        try:
            finished = _ended_within(process, seconds)
        finally:
            _end_group(process)
        return _results(process.returncode, output, None if finished else seconds)


def _results(code: int, output: Path, exceeded: float | None) -> list[Result]:
    if exceeded is not None:
        raise BenchmarkFailedError(f"it took longer than {exceeded:g} seconds and was stopped")
    if code == _SKIPPED:
        raise NotMeasurableError(output.read_text())
    if code:
        raise BenchmarkFailedError(f"its process ended with exit code {code}; its error is above")
    return [Result(**row) for row in json.loads(output.read_text())]


def _ended_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Return whether the process ends in time.

    It is not reaped, so that the id of its group stays in use until `_end_group`.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
            return True
        time.sleep(_LOOK_SECONDS)
    return False


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Let the process stop its servers, then kill the rest of its group."""
    try:
        if not _ended_within(process, 0.01):
            # Not `process.terminate`, which might reap it.
            os.kill(process.pid, signal.SIGTERM)
            _ended_within(process, _GRACE_SECONDS)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def main(module: str, archive: str, output: str) -> None:
    """Measure in this process, which `measure_isolated` started, and write the results to a file."""
    unwind_on_sigterm()
    end_with_parent()
    try:
        results: list[Result] = importlib.import_module(module).measure(Path(archive))
    except NotMeasurableError as reason:
        Path(output).write_text(str(reason))
        sys.exit(_SKIPPED)
    Path(output).write_text(json.dumps([asdict(result) for result in results]))


if __name__ == "__main__":
    main(*sys.argv[1:])

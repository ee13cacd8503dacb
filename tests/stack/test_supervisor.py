"""The supervisor of the API processes: it replaces one that hangs or ends, but not one that starts slowly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.stack.api_process import FAILING, STARTING
from tests.stack.conftest import REPOSITORY, kill, until, words

HANG = 2.0


@contextmanager
def supervisor(
    count: int, stop: float = 30, hang: float = HANG, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run a supervisor; yield it once its processes are ready."""
    command = [sys.executable, "-m", "tests.stack.api_process", str(count), str(hang), str(stop)]
    running = subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert running.stdout is not None
        running.stdout.readline()
        yield running
    finally:
        os.killpg(running.pid, signal.SIGCONT)
        if running.poll() is None:
            running.kill()
        running.communicate()


def workers(running: subprocess.Popen[str]) -> set[psutil.Process]:
    return {child for child in psutil.Process(running.pid).children() if "spawn_main" in words(child)}


def said(running: subprocess.Popen[str]) -> str:
    """Return the log of the supervisor, once it has ended."""
    return running.communicate(timeout=60)[1]


@pytest.mark.parametrize("count", [1, 2])
def test_only_the_hanging_process_is_replaced(count: int) -> None:
    with supervisor(count) as running:
        before = workers(running)
        victim = before.pop()
        victim.send_signal(signal.SIGUSR1)
        until(lambda: len(workers(running) - before - {victim}) == 1)
        assert before < workers(running)
        running.terminate()
        log = said(running)
        assert running.returncode == 0
    assert f"replacing process {victim.pid}: its event loop hangs" in log
    assert "in hang" in log, "the traceback"


def test_an_ended_process_is_replaced_even_if_its_successor_starts_slowly(tmp_path: Path) -> None:
    starting = tmp_path / "starting"
    with supervisor(2, environment={STARTING: str(starting)}) as running:
        killed, hanging = workers(running)
        starting.touch()
        killed.kill()
        until(lambda: len(workers(running) - {killed, hanging}) == 1)
        (slow,) = workers(running) - {killed, hanging}
        hanging.send_signal(signal.SIGUSR1)
        until(lambda: hanging not in workers(running))
        assert slow in workers(running), "it may start for longer than it may hang"
        starting.unlink()
        until(lambda: len(workers(running)) == 2)
        running.terminate()
        assert "did not end" not in said(running)


def test_processes_that_were_stopped_with_their_supervisor_are_not_replaced() -> None:
    with supervisor(2) as running:
        before = workers(running)
        os.killpg(running.pid, signal.SIGSTOP)
        time.sleep(1.5 * HANG)
        os.killpg(running.pid, signal.SIGCONT)
        running.terminate()
        log = said(running)
    assert "replaced" not in log
    assert not any(worker.is_running() for worker in before)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_processes_end_although_one_hangs(number: int) -> None:
    with supervisor(2, stop=0.5, hang=60) as running:
        before = workers(running)
        hanging = next(iter(before))
        hanging.send_signal(signal.SIGUSR1)
        running.send_signal(number)
        log = said(running)
    assert (running.returncode, psutil.wait_procs(before, timeout=10)[1]) == (0, [])
    assert f"process {hanging.pid} did not end and is killed" in log


def test_a_second_ctrl_c_kills_all_processes() -> None:
    with supervisor(1, stop=600, hang=600) as running:
        (hanging,) = workers(running)
        hanging.send_signal(signal.SIGUSR1)
        running.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(0.5)
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 0


def test_a_hanging_process_ends_with_a_killed_supervisor() -> None:
    with supervisor(1, hang=600) as running:
        (hanging,) = workers(running)
        hanging.send_signal(signal.SIGUSR1)
        kill(running.pid)
        assert psutil.wait_procs([hanging], timeout=30)[1] == []


def test_only_a_failed_first_start_ends_the_supervisor(tmp_path: Path) -> None:
    failing = tmp_path / "failing"
    failing.touch()
    with supervisor(1, environment={FAILING: str(failing)}) as running:
        assert "did not start (ended with exit code 3)" in said(running)
        assert running.returncode == 1
    failing.unlink()
    with supervisor(1, environment={FAILING: str(failing)}) as running:
        (killed,) = workers(running)
        failing.touch()
        killed.kill()
        failed = set[psutil.Process]()

        def has_started() -> bool:
            # It may end before a second look.
            failed.update(workers(running) - {killed})
            return bool(failed)

        until(has_started)
        psutil.wait_procs(failed, timeout=30)
        failing.unlink()
        until(lambda: bool(workers(running) - {killed, *failed}))
        running.terminate()
        assert "ended with exit code 3" in said(running)

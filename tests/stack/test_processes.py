"""`wsoptv serve` with several processes: a killed one is replaced, and all end with the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from deployments.stack.shutdown import shut_down
from tests.cli.conftest import Inside
from tests.stack.conftest import kill, settings, until, words
from tests.stack.hanging_program import HANG_ON_SIGUSR1


def _command(home: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    known = {
        name: value for name, value in os.environ.items() if name not in ("JWT_SECRET_KEY", "DATABASE_URL")
    }
    return subprocess.Popen(
        [str(Path(sys.executable).with_name("wsoptv")), "serve", "--port", "0", *arguments],
        env=known | {"WSOPTV_HOME": str(home)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def _serving(home: Path, processes: int = 2, **environment: str) -> Iterator[tuple[psutil.Process, str]]:
    """Run the command; yield it and its address."""
    running = _command(home, "--processes", str(processes), **environment)
    try:
        assert running.stdout is not None
        yield psutil.Process(running.pid), running.stdout.readline().removeprefix("READY ").strip()
    finally:
        running.terminate()
        running.communicate(timeout=60)


def _workers(command: psutil.Process) -> set[psutil.Process]:
    return {child for child in command.children() if "spawn_main" in words(child)}


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/api/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def test_a_killed_process_is_replaced_and_all_end_with_the_command(home: Path) -> None:
    with _serving(home) as (command, url):
        before = _workers(command)
        assert (len(before), _healthy(url)) == (2, True)
        victim = before.pop()
        victim.kill()
        until(lambda: len(_workers(command)) == 2 and victim not in _workers(command))
        until(lambda: _healthy(url))
        workers = _workers(command)
        kill(command.pid)
        psutil.wait_procs(workers, timeout=30)
        assert not any(worker.is_running() for worker in workers)


def test_a_hanging_process_is_replaced_and_down_ends_it(home: Path, tmp_path: Path) -> None:
    tmp_path.joinpath("sitecustomize.py").write_text(HANG_ON_SIGUSR1)
    with _serving(home, 1, PYTHONPATH=str(tmp_path), WSOPTV_HANG_DEADLINE="4") as (command, url):
        (hanging,) = _workers(command)
        hanging.send_signal(signal.SIGUSR1)
        until(lambda: hanging not in _workers(command) and _healthy(url), seconds=90)
        with urllib.request.urlopen(f"{url}/metrics") as response:
            assert 'processes_replaced_total{reason="hung"} 1.0' in response.read().decode()
        log = (home / "logs" / "wsoptv.log").read_text()
        assert f"replacing process {hanging.pid}: its event loop hangs" in log
        (hanging,) = _workers(command)
        hanging.send_signal(signal.SIGUSR1)
        command.suspend()
        assert not shut_down(settings(home)).remaining
        assert not hanging.is_running()


@pytest.mark.parametrize(
    ("host", "problem"), [("0.0.0.0", "JWT_SECRET_KEY"), ("no.such.invalid", "not an address")]
)
def test_an_address_that_others_can_reach_requires_a_secret(home: Path, host: str, problem: str) -> None:
    refused = Inside(home)("serve", "--port", "0", "--host", host)
    assert refused.returncode in (1, 3)
    assert problem in refused.stderr


def test_a_weak_secret_is_refused(home: Path) -> None:
    for secret in ("short", "a" * 64, "your-secret-key-change-in-production"):
        refused = Inside(home)("serve", "--port", "0", JWT_SECRET_KEY=secret)
        assert refused.returncode != 0
        assert "JWT_SECRET_KEY" in refused.stderr
        assert secret not in refused.stdout + refused.stderr

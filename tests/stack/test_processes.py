"""`wsoptv serve` in several processes: one that is killed is replaced, and none outlives the command."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.stack.conftest import kill, until


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
def _serving(home: Path) -> Iterator[tuple[psutil.Process, str]]:
    """The command, and its address."""
    running = _command(home, "--processes", "2")
    try:
        assert running.stdout is not None
        yield psutil.Process(running.pid), running.stdout.readline().removeprefix("READY ").strip()
    finally:
        running.terminate()
        running.communicate(timeout=60)


def _workers(command: psutil.Process) -> set[psutil.Process]:
    return {child for child in command.children() if "spawn_main" in _words(child)}


def _words(process: psutil.Process) -> str:
    with suppress(psutil.Error):  # it has just ended
        return " ".join(process.cmdline())
    return ""


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


@pytest.mark.parametrize(
    ("host", "problem"), [("0.0.0.0", "JWT_SECRET_KEY"), ("no.such.invalid", "no address")]
)
def test_an_address_that_others_reach_needs_a_secret_of_ones_own(home: Path, host: str, problem: str) -> None:
    refused = _command(home, "--host", host)
    said = refused.communicate(timeout=60)[1]
    assert refused.returncode in (1, 3)
    assert problem in said


def test_a_secret_that_can_be_guessed_is_refused(home: Path) -> None:
    for secret in ("short", "a" * 64, "your-secret-key-change-in-production"):
        refused = _command(home, JWT_SECRET_KEY=secret)
        said = refused.communicate(timeout=60)[1]
        assert refused.returncode != 0
        assert "JWT_SECRET_KEY" in said
        assert secret not in said

"""Temporary homes, other processes that use them, and the processes that run for a home."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from deployments.stack import use_stack
from deployments.stack.layout import Layout
from deployments.stack.programs import SHARED
from orchestration.settings import Settings
from tests import folders

_USE = """
import sys
from deployments.stack import use_stack
from orchestration.settings import Settings
with use_stack(Settings(WSOPTV_HOME=sys.argv[1]), sys.argv[2]):
    print("in", flush=True)
    sys.stdin.read()
"""
REPOSITORY = Path(__file__).parents[2]


def until(condition: Callable[[], bool], seconds: float = 30, every: float = 0.05) -> None:
    """Wait until the condition holds; check it `every` few seconds, and fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true"
        time.sleep(every)


def settings(home: Path) -> Settings:
    return Settings(WSOPTV_HOME=home, DATABASE_URL=None, REDIS_URL=None)


def data_of(home: Path) -> Path | None:
    """Return the folder in which root keeps the data of a home that its account cannot reach."""
    identity = Layout(home).identity(new=False)
    return SHARED / identity if identity else None


def processes(home: Path) -> list[psutil.Process]:
    """Return all processes of a home.

    Its path, or that of its data, is in their arguments, is their folder, or is Prefect's home in their
    environment.
    """
    marks = [os.path.realpath(home), str(home), *filter(None, [str(data_of(home) or "")])]
    found = []
    for process in psutil.process_iter(["cmdline", "cwd", "status"]):
        words = [*(process.info["cmdline"] or ()), process.info["cwd"] or "", _prefect_home(process)]
        ours = any(word == mark or f"{mark}/" in word for word in words for mark in marks)
        if ours and _USE not in words:
            found.append(process)
    return found


def _prefect_home(process: psutil.Process) -> str:
    with suppress(psutil.Error, OSError):
        return process.environ().get("PREFECT_HOME", "")
    return ""


def words(process: psutil.Process) -> str:
    """Return the command line of a process; an empty one if it has ended."""
    with suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""


def start_user(home: Path, purpose: str = "test") -> subprocess.Popen[str]:
    """Start another process that uses the home until its input closes."""
    command = [sys.executable, "-c", _USE, str(home), purpose]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )


def is_in(user: subprocess.Popen[str]) -> bool:
    """Wait until the user has entered."""
    assert user.stdout is not None
    return user.stdout.readline() == "in\n"


def leave(user: subprocess.Popen[str]) -> str:
    """Let the user leave; return its error output."""
    return user.communicate(timeout=60)[1]


def kill(pid: int) -> None:
    # Its group may have been killed before.
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def accepts_queries(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            return connection.execute("select 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def pings(url: str) -> bool:
    client = redis.Redis.from_url(url)
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
    finally:
        client.close()


def copy_home(home: Path, new: Path) -> None:
    """Copy a home without running servers, with file owners: a new database takes half a second."""
    new.parent.mkdir(exist_ok=True)
    subprocess.run(["cp", "-a", str(home), str(new)], check=True)


def remove(home: Path) -> None:
    """Remove a home and its data."""
    data = data_of(home)
    shutil.rmtree(home, ignore_errors=True)
    if data is not None:
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    with folders.open_folder() as folder:
        yield folder
        for home in folder.iterdir():
            assert processes(home) == []
            remove(home)


@pytest.fixture(scope="module")
def used_home(open_folder: Path) -> Path:
    """Return a home with a database and no processes, which tests share."""
    with use_stack(settings(open_folder / "used"), "test"):
        pass
    return open_folder / "used"


@pytest.fixture
def home(used_home: Path) -> Iterator[Path]:
    """Yield the shared home; no process of it remains after a test."""
    yield used_home
    until(lambda: processes(used_home) == [])

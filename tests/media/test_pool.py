"""A call that hangs, crashes or uses too much memory fails alone, and no worker outlives its owner."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tasks.media.pool import MEMORY_LIMIT, CrashError, DeadlineError, MediaPool
from tests.processes import running

ROOT = Path(__file__).parents[2]


def double(number: int) -> int:
    return 2 * number


def misbehave(how: str) -> str:
    if how == "hang":
        time.sleep(600)
    elif how == "spin":
        while True:
            pass
    elif how == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif how == "exit":
        os._exit(3)
    elif how == "eat":
        bytearray(MEMORY_LIMIT)
    elif how == "raise":
        raise PermissionError(13, "Permission denied", "/archive/a.mp4")
    elif how == "time out":
        raise TimeoutError(110, "Connection timed out")
    return how


@pytest.fixture(scope="module")
def pool() -> Iterator[MediaPool]:
    with MediaPool(2) as pool:
        yield pool


def test_every_item_returns_with_its_value(pool: MediaPool) -> None:
    outcomes = list(pool.run(double, ((f"item {n}", (n,)) for n in range(500)), deadline=30))
    assert {outcome.item: outcome.value for outcome in outcomes} == {f"item {n}": 2 * n for n in range(500)}


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ("hang", DeadlineError, "longer than 1 second"),
        ("spin", DeadlineError, "longer than 1 second"),
        ("crash", CrashError, "SIGSEGV"),
        ("exit", CrashError, "exit code 3"),
        ("eat", MemoryError, ""),
        ("raise", PermissionError, "Permission denied"),
        ("time out", TimeoutError, "Connection timed out"),
    ],
)
def test_a_misbehaving_call_fails_alone(
    pool: MediaPool, how: str, error: type[Exception], words: str
) -> None:
    calls = [(name, (name,)) for name in ("fine 1", how, "fine 2")]
    outcomes = {outcome.item: outcome for outcome in pool.run(misbehave, calls, deadline=1)}
    assert outcomes["fine 1"].value == "fine 1"
    assert outcomes["fine 2"].value == "fine 2"
    assert isinstance(outcomes[how].error, error)
    assert words in str(outcomes[how].error)


def test_items_are_read_as_outcomes_are_taken(pool: MediaPool) -> None:
    drawn = itertools.count()
    outcomes = pool.run(double, ((n, (n,)) for n in drawn), deadline=30)
    for _ in range(100):
        next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]  # a generator
    assert next(drawn) < 200


def test_threads_take_turns(pool: MediaPool) -> None:
    drawn: list[str] = []

    def calls(name: str) -> Iterator[tuple[int, tuple[int]]]:
        for number in range(100):
            drawn.append(name)
            yield number, (number,)

    first = pool.run(double, calls("first"), deadline=30)
    outcomes = [next(first)]
    with ThreadPoolExecutor(1) as threads:
        second = threads.submit(lambda: list(pool.run(double, calls("second"), deadline=30)))
        outcomes += first
        assert [len(outcomes), len(second.result())] == [100, 100]
    assert drawn == ["first"] * 100 + ["second"] * 100


def test_a_turn_ends_with_a_caller_that_stops(pool: MediaPool) -> None:
    for _outcome in pool.run(double, ((number, (number,)) for number in itertools.count()), deadline=30):
        break
    assert len(list(pool.run(double, [(1, (1,))], deadline=30))) == 1


def test_pool_whose_idle_workers_were_killed_continues(pool: MediaPool) -> None:
    list(pool.run(double, [(1, (1,))], deadline=30))
    for worker in workers_of(os.getpid()):
        worker.kill()
        worker.wait()
    outcomes = list(pool.run(double, [(n, (n,)) for n in range(20)], deadline=30))
    assert sorted(outcome.value or 0 for outcome in outcomes) == [2 * n for n in range(20)]


def workers_of(owner: int) -> list[psutil.Process]:
    """Return the workers, which are two generations below, children of the fork server."""
    servers = psutil.Process(owner).children()
    return [worker for server in servers for worker in server.children()]


OWNER = """
import sys
from tasks.media.pool import MediaPool
from tests.media.test_pool import misbehave
with MediaPool(2) as pool:
    for outcome in pool.run(misbehave, [(n, (n,)) for n in ("fine", "hang", "spin")], deadline=600):
        print(outcome.item, flush=True)
"""


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_their_owner(ending: signal.Signals) -> None:
    root = Path(__file__).parents[2]
    with running(
        [sys.executable, "-c", OWNER],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == b"fine\n"
        below = psutil.Process(owner.pid).children(recursive=True)
        assert len(workers_of(owner.pid)) == 2
        owner.send_signal(ending)
        _, alive = psutil.wait_procs(below, timeout=30)
    assert not alive


def test_the_owner_of_a_pool_loads_no_library_that_decodes() -> None:
    """A command with nothing new opens no file. These libraries would take a tenth of its time."""
    heavy = "('av', 'cv2', 'numpy', 'PIL', 'alembic')"
    code = f"import sys, flows.ingest_archive, deployments.prefect.jobs\nprint([n for n in {heavy} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

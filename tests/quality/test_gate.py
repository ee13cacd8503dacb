"""The gate's child process: it may die, hang or fail to load, and the gate still judges."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tasks.quality import Case, Gate
from tests.processes import running
from tests.quality.cases import case

ROOT = Path(__file__).parents[2]
BATCH = [case(), case(size=0)]


def bad(gate: Gate, batch: list[Case] = BATCH) -> tuple[str, bool]:
    """Return which engine judged, and whether it found the fault."""
    judgement = gate.judge(batch)
    return judgement.engine, judgement.quarantined == [BATCH[1].id]


def kill(gate: Gate, number: int = signal.SIGKILL) -> None:
    assert gate.pid
    os.kill(gate.pid, number)


def test_a_killed_child_is_replaced_and_the_batch_is_judged(gate: Gate) -> None:
    assert bad(gate) == ("great_expectations", True)
    before = gate.pid
    kill(gate)
    assert bad(gate) == ("great_expectations", True)
    assert gate.pid != before


def test_threads_share_a_gate(gate: Gate) -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _number: bad(gate), range(8)))
    assert found == [("great_expectations", True)] * 8


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a folder from which the child imports `great_expectations.py`."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    return tmp_path / "great_expectations.py"


def test_the_plain_engine_judges_after_the_deadline_of_a_hanging_child() -> None:
    with Gate(deadline=1) as hasty:
        hasty.start()
        kill(hasty, signal.SIGSTOP)
        started = time.monotonic()
        judgement = hasty.judge(BATCH)
        assert time.monotonic() - started < 5
        assert (judgement.engine, judgement.quarantined) == ("plain", [BATCH[1].id])
        assert judgement.reason == "the child process took longer than 1 s"
        # Another child loads for the next batch.
        assert hasty.pid
        kill(hasty, signal.SIGSTOP)
        assert bad(hasty) == ("plain", True)
        assert bad(hasty) == ("plain", True)
        # Two in a row: no further child is started.
        assert not hasty.pid


def test_the_plain_engine_judges_if_the_libraries_do_not_load(broken: Path) -> None:
    broken.write_text("raise ImportError('a part is missing')\n")
    with Gate() as gate:
        judgement = gate.judge(BATCH)
    assert judgement.engine == "plain"
    assert judgement.reason == "ImportError: a part is missing"


def test_a_child_that_always_dies_is_replaced_once(broken: Path) -> None:
    broken.write_text("import os\nos._exit(7)\n")
    with Gate() as gate:
        judgement = gate.judge(BATCH)
        assert (judgement.engine, judgement.reason) == ("plain", "the child process died (exit code 7)")
        assert gate.pid is None


def test_a_closed_gate_judges_with_the_plain_engine() -> None:
    gate = Gate()
    gate.start()
    assert bad(gate) == ("plain", True)
    with gate:
        pids = [gate.pid, *(_started(gate) for _time in range(2))]
    assert bad(gate) == ("plain", True)
    assert pids[0] is None
    assert pids[1]
    assert pids[1] == pids[2]
    assert not psutil.pid_exists(pids[1])
    assert _started(gate) is None


def _started(gate: Gate) -> int | None:
    gate.start()
    return gate.pid


def test_the_plain_engine_judges_if_the_child_cannot_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(ROOT / "no-such-python"))
    with Gate() as gate:
        judgement = gate.judge(BATCH)
    assert (judgement.engine, judgement.quarantined) == ("plain", [BATCH[1].id])
    assert "could not be started" in (judgement.reason or "")


OWNER = """
import time
from tasks.quality import Gate
with Gate() as gate:
    gate.start()
    print(gate.pid, flush=True)
    time.sleep(600)
"""


def test_the_child_ends_with_its_owner() -> None:
    with running([sys.executable, "-c", OWNER], cwd=ROOT, stdout=subprocess.PIPE) as owner:
        assert owner.stdout
        child = psutil.Process(int(owner.stdout.readline()))
        owner.kill()
    child.wait(timeout=10)


WATCHED = """
import json, sys
met = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "os.mkdir"):
        met.append(f"{event} {arguments[1:]}")
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        met.append(f"open {arguments[0]}")
sys.dont_write_bytecode = True
sys.addaudithook(watch)
from tasks.quality.child import _be_quiet, _load
_be_quiet()
from tasks.quality.table import table_of
from tests.quality.cases import case
verdicts = _load().evaluate(table_of([case(), case(size=0)]))
heavy = [name for name in ("av", "cv2", "PIL.Image", "prefect") if name in sys.modules]
print(json.dumps([verdicts["empty"].evaluated, met, heavy]))
"""


def test_great_expectations_makes_no_connection_and_writes_no_file(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", WATCHED],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [2, [], []]
    assert not list(tmp_path.iterdir())


def test_the_owner_of_a_gate_loads_no_heavy_libraries() -> None:
    code = "import sys, flows.ingest.quality\nprint([n for n in ('great_expectations', 'pandas') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

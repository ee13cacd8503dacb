"""No process of a benchmark outlives it, however it ends."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr

from benchmarks import isolation, load, processes, records
from benchmarks.home import BenchHome
from benchmarks.isolation import BenchmarkFailedError, measure_isolated
from benchmarks.processes import ready_line, running, wait_for_port
from benchmarks.results import NotMeasurableError, Result
from benchmarks.streaming import served
from orchestration.settings import Settings
from orchestration.transactions import Transactions

ROOT = records.FOLDER.parent
SLEEP = "import time; time.sleep(600)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('READY', flush=True); {SLEEP}"


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_server_is_stopped_when_the_block_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_STOP_SECONDS", 0.2)
    home = BenchHome(
        Settings(DATABASE_URL=SecretStr("postgresql+psycopg://x"), REDIS_URL=SecretStr("redis://x")),
        Transactions.__new__(Transactions),
    )
    for code in (
        f"print('READY http://127.0.0.1:8000', flush=True); {SLEEP}",
        DEAF.replace("READY", "READY x:1"),
    ):
        with pytest.raises(ZeroDivisionError), served(home, _python(code)) as server:
            process = server.process
            raise ZeroDivisionError
        assert not process.is_running()


def test_a_process_that_ignores_sigterm_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_STOP_SECONDS", 0.2)
    with running(_python(DEAF), output=True) as process:
        ready_line(process)
    assert process.returncode == -signal.SIGKILL


def test_a_second_interrupt_while_stopping_leaves_nothing_running(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(process: subprocess.Popen[str], seconds: float | None = None) -> int:
        monkeypatch.undo()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), running(_python(DEAF), output=True) as process:
        ready_line(process)
        monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize(("code", "seconds"), [("print('no')", 60.0), (SLEEP, 0.2)])
def test_a_server_that_never_gets_ready_is_an_error(code: str, seconds: float) -> None:
    with running(_python(code), output=True) as process, pytest.raises(RuntimeError, match="READY"):
        ready_line(process, seconds)
    assert process.returncode is not None


def test_a_server_that_ends_is_not_waited_for() -> None:
    with running(_python("raise SystemExit(3)")) as process, pytest.raises(RuntimeError, match="exit code 3"):
        wait_for_port(process, processes.unused_port())


def test_processes_are_started_where_they_are_stopped() -> None:
    """`subprocess.run` ends what it started; a bare `Popen` has to be ended by its caller."""
    starts = {
        module.name for module in records.FOLDER.glob("*.py") if re.search(r"\bPopen\(", module.read_text())
    }
    assert starts == {"processes.py", "isolation.py"}


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A benchmark that can do anything: `archive` is the file with the code of its `measure`."""
    (tmp_path / "benchmark_of_a_test.py").write_text(
        "from benchmarks.results import NotMeasurableError, Result\n"
        "import os, subprocess, sys, time\n"
        "def measure(archive):\n    exec(archive.read_text(), globals())\n    return [Result('x', 1, 2, 's', 3)]\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")
    return "benchmark_of_a_test"


def _code(folder: Path, code: str) -> Path:
    path = folder / "code.py"
    path.write_text(code)
    return path


def _leave_a_child(note: Path) -> str:
    """Code that starts a process that ignores SIGTERM, and notes its id."""
    return (
        f"child = subprocess.Popen([sys.executable, '-c', {DEAF!r}], stdout=subprocess.PIPE)\n"
        f"child.stdout.readline()\n{_noted(note)}"
    )


def _noted(note: Path) -> str:
    """Code that writes the id of `child`; the file is complete when it exists."""
    part = str(note) + ".part"
    return f"open({part!r}, 'w').write(str(child.pid))\nos.rename({part!r}, {str(note)!r})\n"


def _is_gone(note: Path) -> bool:
    """Whether the noted process ends now; one that was killed may still wait for init."""
    pid = int(note.read_text())

    def gone() -> bool:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    return _wait_for(gone)


def _wait_for(condition: Callable[[], bool]) -> bool:
    """Whether the condition comes true within a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


def test_results_come_back(module: str, tmp_path: Path) -> None:
    assert measure_isolated(module, _code(tmp_path, ""), 60) == [Result("x", 1, 2, "s", 3)]


def test_a_benchmark_that_fails_leaves_nothing_running(module: str, tmp_path: Path) -> None:
    code = _code(tmp_path, _leave_a_child(tmp_path / "pid") + "raise ValueError('on purpose')")
    with pytest.raises(BenchmarkFailedError, match="exit code 1"):
        measure_isolated(module, code, 60)
    assert _is_gone(tmp_path / "pid")


def test_a_benchmark_that_is_killed_leaves_nothing_running(module: str, tmp_path: Path) -> None:
    code = _code(tmp_path, _leave_a_child(tmp_path / "pid") + "os.kill(os.getpid(), 9)")
    with pytest.raises(BenchmarkFailedError, match="exit code -9"):
        measure_isolated(module, code, 60)
    assert _is_gone(tmp_path / "pid")


def test_a_benchmark_that_takes_too_long_unwinds_and_leaves_nothing_running(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unwound = tmp_path / "unwound"
    hang = f"try:\n    time.sleep(600)\nfinally:\n    open({str(unwound)!r}, 'w').close()\n"
    code = _code(tmp_path, _leave_a_child(tmp_path / "pid") + hang)
    ended_within = isolation._ended_within

    def time_is_up(process: subprocess.Popen[bytes], seconds: float) -> bool:
        if seconds != 1_200:
            return ended_within(process, seconds)
        _wait_for((tmp_path / "pid").exists)
        return False

    monkeypatch.setattr(isolation, "_ended_within", time_is_up)
    with pytest.raises(BenchmarkFailedError, match="longer than 1200 seconds"):
        measure_isolated(module, code, 1_200)
    assert unwound.exists()
    assert _is_gone(tmp_path / "pid")


def test_a_benchmark_says_what_it_lacks(module: str, tmp_path: Path) -> None:
    with pytest.raises(NotMeasurableError, match="a left hand"):
        measure_isolated(module, _code(tmp_path, "raise NotMeasurableError('a left hand')"), 60)


def _main(folder: Path, modules: dict[str, str], archive: Path) -> list[str]:
    """The command that runs `python -m benchmarks` with other benchmarks."""
    code = (
        "import sys\n"
        "from benchmarks.__main__ import main\n"
        "from benchmarks.registry import BENCHMARKS, Benchmark\n"
        "BENCHMARKS.clear()\n"
        f"BENCHMARKS.update({{name: Benchmark(module, True) for name, module in {modules!r}.items()}})\n"
        f"sys.exit(main(['--archive', {str(archive)!r}]))\n"
    )
    (folder / "main.py").write_text(code)
    return [sys.executable, str(folder / "main.py")]


def test_the_other_benchmarks_go_on_after_one_that_failed(module: str, tmp_path: Path) -> None:
    (tmp_path / "failing.py").write_text("def measure(archive):\n    raise ValueError('on purpose')\n")
    lacking = "from benchmarks.results import NotMeasurableError\ndef measure(_):\n    raise NotMeasurableError('no nginx')\n"
    (tmp_path / "lacking.py").write_text(lacking)
    (tmp_path / "good.py").write_text(
        "from benchmarks.results import Result\ndef measure(_):\n    return [Result('x', 1, 2, 's', 3)]\n"
    )
    names = {"bad": "failing", "none": "lacking", "fine": "good"}
    (tmp_path / "archive").mkdir()
    done = subprocess.run(
        _main(tmp_path, names, tmp_path / "archive"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout == "| x | 1 s | 2 s | 0.50× | ≤ 3× |\n"
    assert "ValueError: on purpose" in done.stderr
    assert "none: skipped: no nginx" in done.stderr
    assert done.stderr.endswith("failed: bad\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_leaves_nothing_running(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note, archive = tmp_path / "pid", tmp_path / "archive"
    archive.mkdir()
    (tmp_path / "waiting.py").write_text(
        "import os, time\n"
        "from benchmarks import processes\n"
        "processes._STOP_SECONDS = 0.2\n"
        "def measure(archive):\n"
        f"    with processes.running([{sys.executable!r}, '-c', {DEAF!r}], output=True) as child:\n"
        "        processes.ready_line(child)\n"
        + "".join(f"        {line}\n" for line in _noted(note).splitlines())
        + "        time.sleep(600)\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")
    # A killed process leaves its temporary folder behind.
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    run = subprocess.Popen(_main(tmp_path, {"waiting": "waiting"}, archive), stderr=subprocess.DEVNULL)
    try:
        assert _wait_for(note.exists)
        run.send_signal(number)
        assert run.wait(60) != 0
        assert _is_gone(note)
    finally:
        run.kill()
        run.wait()


def test_players_do_not_wait_for_ever_for_a_server_that_stalls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "_STALLED", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        target = load.Target(listener.getsockname()[1], "/film", 2 * load.RANGE)
        with pytest.raises(RuntimeError, match="sent nothing"):
            load.play(target, psutil.Process(), clients=2, seconds=60)

"""The gate: Great Expectations in a child process, and the plain engine when the child fails."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path
from types import TracebackType
from typing import Self

from tasks.quality.judgement import Judgement, judgement
from tasks.quality.rule import Case
from tasks.quality.table import Table, Verdicts, evaluate, table_of

log = logging.getLogger(__name__)

# Per batch. One takes 0.1 s, or up to 11 s while the child is loading on a slow machine.
_DEADLINE_SECONDS = 60.0
# Children that may be lost in a row.
_LIVES = 2


class GateLostError(Exception):
    """The child died, hung or could not judge; the message has the reason."""


class Gate:
    """Judges batches in a child process, which it starts for the first batch, or earlier by `start`.

    `deadline`: seconds for a batch. A child that dies is replaced once and asked again. One that hangs is
    killed, and replaced for the next batch. If that fails, the plain engine judges by the same rules, and the
    judgement says so. Threads may share a gate; they take turns.
    """

    def __init__(self, deadline: float = _DEADLINE_SECONDS) -> None:
        self._deadline = deadline
        self._is_open = False
        self._child: _Child | None = None
        self._turn = threading.Lock()
        self._lives = _LIVES
        self._lost = "it had not been started"

    def __enter__(self) -> Self:
        self._lives = _LIVES
        self._is_open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._turn:
            self._is_open = False
            self._end_child("the gate was closed")

    def start(self) -> None:
        """Start the child, which loads its libraries while the caller reads the files.

        Call this as soon as there are files to judge; a run without files needs no child.
        """
        with self._turn:
            self._start_child()

    @property
    def pid(self) -> int | None:
        """Return the child's process id; None if there is no child."""
        return self._child.pid if self._child else None

    def judge(self, batch: Sequence[Case]) -> Judgement:
        """Return the findings of the rules in a batch of one to some hundred files with different ids."""
        started = time.monotonic()
        table = table_of(batch)
        try:
            verdicts = self._ask(table, started + self._deadline)
        except GateLostError as error:
            return judgement(batch, evaluate(table), "plain", started, str(error))
        return judgement(batch, verdicts, "great_expectations", started)

    def _ask(self, table: Table, until: float) -> Verdicts:
        """Return the child's verdicts by the time `until` (monotonic). Raise `GateLostError`."""
        lost = "the deadline passed while other batches were judged"
        if not self._turn.acquire(timeout=max(0.0, until - time.monotonic())):
            raise GateLostError(lost)
        try:
            self._start_child()
            while self._child and (left := until - time.monotonic()) > 0:
                try:
                    verdicts = self._child.ask(table, left)
                except GateLostError as error:
                    lost = str(error)
                    self._replace_child(lost)
                else:
                    self._lives = _LIVES
                    return verdicts
            raise GateLostError(lost if self._child else self._lost)
        finally:
            self._turn.release()

    def _replace_child(self, lost: str) -> None:
        self._lives -= 1
        log.warning("the quality gate lost its child process: %s", lost)
        self._end_child(lost)
        self._start_child()

    def _start_child(self) -> None:
        """Start a child, unless there is one, too many were lost, or the gate is closed."""
        if not self._is_open or self._child or not self._lives:
            return
        try:
            self._child = _Child()
        except OSError as error:
            self._lives, self._lost = 0, f"the child process could not be started: {error}"
            log.warning("the quality gate's child process could not be started: %s", error)

    def _end_child(self, lost: str) -> None:
        self._lost = lost
        if self._child:
            self._child.end()
        self._child = None


class _Child:
    """The process and the pipe to it.

    A separate program, not a child of multiprocessing, which would import the owner's main module again:
    Prefect's engine, for example.
    """

    def __init__(self) -> None:
        self._line, theirs = Pipe()
        arguments = [
            "-P",
            "-W",
            "ignore",
            "-m",
            "tasks.quality.child",
            str(theirs.fileno()),
            str(os.getpid()),
        ]
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, *arguments],
                env=_environment(),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self.pid = self._process.pid

    def ask(self, table: Table, seconds: float) -> Verdicts:
        """Return the verdicts on a table. Raise `GateLostError` after at most `seconds`."""
        late = threading.Event()

        def stop() -> None:
            late.set()
            # This ends the waits below.
            self._process.kill()

        clock = threading.Timer(seconds, stop)
        clock.start()
        try:
            # The child may have sent the reason before it ended.
            with suppress(BrokenPipeError):
                self._line.send(table)
            received = self._line.recv()
        except (EOFError, OSError):
            raise GateLostError(
                f"the child process took longer than {seconds:.0f} s" if late.is_set() else self._cause()
            ) from None
        finally:
            clock.cancel()
        if isinstance(received, str):
            raise GateLostError(received)
        verdicts: Verdicts = received
        return verdicts

    def _cause(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            code = self._process.wait(timeout=1)
            return (
                f"the child process died ({signal.Signals(-code).name if code < 0 else f'exit code {code}'})"
            )
        return "the child process closed the pipe"

    def end(self) -> None:
        self._line.close()
        self._process.kill()
        self._process.wait()


def _environment() -> dict[str, str]:
    """Return the owner's environment, with this code on the Python path."""
    here = str(Path(__file__).parents[2])
    known = os.environ.get("PYTHONPATH")
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([here, known] if known else [here]),
        "GX_ANALYTICS_ENABLED": "false",
    }

"""The supervisor of the API processes: replaces those that end or hang, and shuts all of them down.

uvicorn's own supervisor pings a thread of each process. That thread responds although the event loop hangs,
and does not respond while a process imports its libraries on a busy machine
(docs/decisions/0018-supervisor.md).
"""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection, resource_tracker
from multiprocessing.context import SpawnContext

from catalog_models.errors import ExpectedError
from deployments.api.pulse import Pulse
from deployments.signals import end_with_parent

log = logging.getLogger(__name__)

# Seconds between two checks, and the most that one check counts: the supervisor does not watch while the
# machine is suspended, or while it is stopped together with its processes.
_CHECK_SECONDS, _MOST_COUNTED = 0.2, 1.0
_LONGEST_PAUSE = 30.0
_KILL_SECONDS = 5.0


class StartFailedError(ExpectedError):
    """An API process ended before it served."""

    code = "start_failed"


class Replacements:
    """The numbers of replaced processes, by reason; the processes share them and export them as a metric."""

    def __init__(self, context: SpawnContext) -> None:
        self._counts = {reason: context.RawValue(ctypes.c_uint64, 0) for reason in ("ended", "hung")}

    def count(self, reason: str) -> None:
        """Count a process that is replaced."""
        self._counts[reason].value += 1

    def read(self) -> dict[str, int]:
        """Return the counts."""
        return {reason: int(count.value) for reason, count in self._counts.items()}


Target = Callable[[socket.socket, Pulse, Replacements], None]
"""The work of a process: serve on the socket until SIGTERM, and beat with each turn of its event loop.

It must be a module-level function, or a `partial` of one.
"""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds that a process may take.

    `hang`: between two turns of its event loop; `start`: until the first turn; `stop`: to end after SIGTERM.
    """

    hang: float = 30.0
    start: float = 300.0
    stop: float = 15.0


class _Process:
    """One process, and the seconds for which its event loop has been silent."""

    def __init__(
        self, context: SpawnContext, target: Target, listener: socket.socket, replacements: Replacements
    ) -> None:
        self._pulse = Pulse(context)
        self._process = context.Process(target=_run, args=(target, listener, self._pulse, replacements))
        with _blocked_interrupts():
            self._process.start()
        assert self._process.pid is not None  # noqa: S101 - it has started
        self.pid = self._process.pid
        self._turns = 0
        self.silent = 0.0

    @property
    def sentinel(self) -> int:
        return self._process.sentinel

    @property
    def exitcode(self) -> int | None:
        """Return None while it runs, a negative number after a signal."""
        return self._process.exitcode

    @property
    def ready(self) -> bool:
        """Return whether it has started to serve."""
        return self._turns > 0

    def watch(self, seconds: float) -> None:
        """Check its pulse, `seconds` after the last check."""
        turns = self._pulse.turns
        self.silent = 0.0 if turns != self._turns else self.silent + seconds
        self._turns = turns

    def tracebacks(self) -> str:
        """Return the tracebacks of its threads, for the log."""
        if not self.ready:
            return ""
        return self._pulse.tracebacks(self.pid) or "(no traceback: it is stopped, or waits in the kernel)"

    def terminate(self) -> None:
        """Ask it to finish its responses and end, or kill it if it does not serve yet.

        A stopped process is continued.
        """
        if not self.ready:
            self._process.kill()
            return
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
            os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.join(_KILL_SECONDS)

    def close(self) -> None:
        """Release the resources of a process that has ended."""
        self._pulse.close()
        # A killed process may still wait in the kernel; it ends after that.
        with suppress(ValueError):
            self._process.close()


class _Place:
    """The place of one process: its current process, and the pause after failed starts."""

    def __init__(self, start: Callable[[], _Process]) -> None:
        self._start = start
        self._failures = 0
        self._pause = 0.0
        self.process: _Process | None = start()

    def vacate(self, process: _Process) -> None:
        """Forget the process, which has ended."""
        self._failures = 0 if process.ready else self._failures + 1
        self._pause = min(_LONGEST_PAUSE, 2.0**self._failures) if self._failures else 0.0
        process.close()
        self.process = None

    def fill(self, seconds: float) -> None:
        """Start the next process once the pause is over; `seconds` have passed since the last call."""
        self._pause -= seconds
        if self._pause > 0:
            return
        try:
            self.process = self._start()
        except OSError as error:
            log.warning("cannot start a process, next try in %.0f s: %s", _LONGEST_PAUSE, error)
            self._pause = _LONGEST_PAUSE


class Supervisor:
    """Keeps `count` processes running that share a listening socket. Use it in the main thread."""

    def __init__(
        self,
        target: Target,
        listener: socket.socket,
        count: int,
        on_ready: Callable[[], None],
        deadlines: Deadlines = Deadlines(),
    ) -> None:
        self._context = multiprocessing.get_context("spawn")
        self._replacements = Replacements(self._context)
        self._target, self._listener, self._count = target, listener, count
        self._deadlines = deadlines
        self._on_ready: Callable[[], None] | None = on_ready
        self._places: list[_Place] = []

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM, and raise that signal again at the end.

        A second Ctrl-C kills the processes. Calls `on_ready` when all processes serve; raises
        `StartFailedError` if one fails before that.
        """
        with _collected_signals() as signals:
            try:
                for _ in range(self._count):
                    self._places.append(_Place(self._start))
                checked = time.monotonic()
                while not signals:
                    connection.wait([process.sentinel for process in self._processes()], _CHECK_SECONDS)
                    now = time.monotonic()
                    if not signals:
                        self._check(min(now - checked, _MOST_COUNTED))
                    checked = now
            finally:
                self._stop(signals)
        signal.raise_signal(signals[0])

    def _processes(self) -> list[_Process]:
        return [place.process for place in self._places if place.process is not None]

    def _start(self) -> _Process:
        return _Process(self._context, self._target, self._listener, self._replacements)

    def _check(self, seconds: float) -> None:
        for place in self._places:
            if place.process is None:
                place.fill(seconds)
            else:
                self._check_process(place, place.process, seconds)
        if self._on_ready is not None and all(p.process and p.process.ready for p in self._places):
            self._on_ready()
            self._on_ready = None

    def _check_process(self, place: _Place, process: _Process, seconds: float) -> None:
        process.watch(seconds)
        if process.exitcode is not None:
            self._expect_started(process)
            log.error("process %d %s; replacing it", process.pid, _exit_reason(process.exitcode))
            self._replacements.count("ended")
            place.vacate(process)
        elif process.silent > (self._deadlines.hang if process.ready else self._deadlines.start):
            problem = "its event loop hangs" if process.ready else "it does not start"
            log.error(
                "replacing process %d: %s (no response for %.0f s)\n%s",
                process.pid,
                problem,
                process.silent,
                process.tracebacks(),
            )
            self._replacements.count("hung")
            process.kill()
            place.vacate(process)

    def _expect_started(self, process: _Process) -> None:
        """Raise `StartFailedError` if a process failed at the first start and was not killed.

        The next one would fail as well.
        """
        if self._on_ready is not None and not process.ready and (process.exitcode or 0) > 0:
            raise StartFailedError(f"the API did not start ({_exit_reason(process.exitcode)})")

    def _stop(self, signals: list[int]) -> None:
        self._listener.close()
        remaining = self._processes()
        for process in remaining:
            process.terminate()
        deadline = time.monotonic() + self._deadlines.stop
        while remaining and time.monotonic() < deadline and signals.count(signal.SIGINT) < 2:
            connection.wait([process.sentinel for process in remaining], _CHECK_SECONDS)
            remaining = [process for process in remaining if process.exitcode is None]
        for process in remaining:
            log.error("process %d did not end and is killed\n%s", process.pid, process.tracebacks())
            process.kill()


def _run(target: Target, listener: socket.socket, pulse: Pulse, replacements: Replacements) -> None:
    """Run the target in the new process.

    Ctrl-C reaches it as well, but until it serves only the supervisor reacts.
    """
    # A hanging process would keep the port after a kill -9 of the supervisor.
    end_with_parent(signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    pulse.offer_tracebacks()
    target(listener, pulse, replacements)


def _exit_reason(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"was ended by signal {-exitcode}"
    return f"ended with exit code {exitcode}"


@contextmanager
def _collected_signals() -> Iterator[list[int]]:
    """Yield a list to which SIGINT and SIGTERM are appended, instead of their usual handling."""
    received: list[int] = []
    before = {
        number: signal.signal(number, lambda signum, _frame: received.append(signum))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _blocked_interrupts() -> Iterator[None]:
    """Block SIGINT while a process starts, which inherits the block until it has chosen its own handling."""
    # The tracker is started first, because its start unblocks SIGINT.
    resource_tracker.ensure_running()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

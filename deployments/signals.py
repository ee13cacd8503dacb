"""Signal handlers: SIGTERM unwinds like Ctrl-C, so that claims are released; both cancel a flow run."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

PR_SET_PDEATHSIG = 1  # prctl(2)
EXIT_CODE = 128 + signal.SIGTERM
INTERRUPTED = "interrupted: the next run continues from here"
TERMINATED = "ended by a signal: the next run continues from here"
# For the servers to stop; the keeper stops what still hangs then.
_LAST_SECONDS = 45.0


class Terminated(KeyboardInterrupt):
    """SIGTERM came.

    A KeyboardInterrupt, because psycopg ends the query that one interrupts (and no other exception's): a
    connection with half a query on it could not be used to give claims back.
    """


def unwind_on_sigterm() -> None:
    """Raise `Terminated` in the main thread on SIGTERM, and end the process if that does not help."""
    signal.signal(signal.SIGTERM, _terminate)


def ignore_sigterm() -> None:
    """Ignore SIGTERM: the work is done, and the end of the process must not look like a failure."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def end_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel to send this process a signal when its parent ends, even by kill -9."""
    # Every command imports this module, even `--help`, but only background processes call this function.
    import ctypes
    import multiprocessing

    parent = multiprocessing.parent_process()
    known = os.getppid() if parent is None or parent.pid is None else parent.pid
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    # The parent may have ended before the request.
    if os.getppid() != known:
        os.kill(os.getpid(), number)


def _terminate(_number: int, _frame: object) -> NoReturn:
    _end_at_last()
    raise Terminated


def _end_at_last() -> None:
    last = threading.Timer(_LAST_SECONDS, os._exit, [EXIT_CODE])
    last.daemon = True
    last.start()


class SignalCancellation:
    """Ends a flow run by its first SIGINT or SIGTERM as cancelled, with a reason for people.

    `cancel` gets the reason. The second signal raises at once, wherever the main thread is.
    """

    def __init__(self, cancel: Callable[[str], None]) -> None:
        self._cancel = cancel
        self._received: int | None = None

    @contextmanager
    def on(self, *numbers: signal.Signals) -> Iterator[None]:
        """Handle these signals in the block. Signals are handled by the main thread alone."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._receive) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def reraise(self) -> None:
        """Raise what the signal would have raised, if one was received."""
        if self._received is not None:
            raise Terminated if self._received == signal.SIGTERM else KeyboardInterrupt

    def _receive(self, number: int, _frame: object) -> None:
        is_second, self._received = self._received is not None, number
        if number == signal.SIGTERM:
            _end_at_last()
        if is_second:
            self.reraise()
        self._cancel(TERMINATED if number == signal.SIGTERM else INTERRUPTED)

"""Signal handlers: SIGTERM unwinds like Ctrl-C, so that claims are released; both cancel a flow run."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

# See prctl(2).
PR_SET_PDEATHSIG = 1
EXIT_CODE = 128 + signal.SIGTERM
INTERRUPTED = "interrupted: the next run continues from here"
TERMINATED = "ended by a signal: the next run continues from here"
# Time for the embedded servers to stop. Their keeper stops those that hang.
_LAST_SECONDS = 45.0


class Terminated(KeyboardInterrupt):
    """SIGTERM was received.

    It is a KeyboardInterrupt because psycopg cancels the running query only for that. Otherwise the
    connection could not be used again to release claims.
    """


def unwind_on_sigterm() -> None:
    """Raise `Terminated` in the main thread on SIGTERM; exit if the process does not end soon after that."""
    signal.signal(signal.SIGTERM, _terminate)


def ignore_sigterm() -> None:
    """Ignore SIGTERM: the work is done, and the exit code must not show a failure."""
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
    _exit_after_deadline()
    raise Terminated


def _exit_after_deadline() -> None:
    last = threading.Timer(_LAST_SECONDS, os._exit, [EXIT_CODE])
    last.daemon = True
    last.start()


class SignalCancellation:
    """Cancels a flow run at the first SIGINT or SIGTERM; `cancel` gets the reason, for people.

    The second signal raises at once, wherever the main thread is.
    """

    def __init__(self, cancel: Callable[[str], None]) -> None:
        self._cancel = cancel
        self._received: int | None = None

    @contextmanager
    def on(self, *numbers: signal.Signals) -> Iterator[None]:
        """Handle these signals in the block. Does nothing in threads, where Python allows no handlers."""
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
        """Raise the exception of the signal, if one was received."""
        if self._received is not None:
            raise Terminated if self._received == signal.SIGTERM else KeyboardInterrupt

    def _receive(self, number: int, _frame: object) -> None:
        is_second, self._received = self._received is not None, number
        if number == signal.SIGTERM:
            _exit_after_deadline()
        if is_second:
            self.reraise()
        self._cancel(TERMINATED if number == signal.SIGTERM else INTERRUPTED)

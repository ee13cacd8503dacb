"""What SIGTERM does: it unwinds like Ctrl-C, so that claims are given back and nothing is left running."""

from __future__ import annotations

import os
import signal
import threading
from typing import NoReturn

PR_SET_PDEATHSIG = 1  # prctl(2)
EXIT_CODE = 128 + signal.SIGTERM
_LAST_SECONDS = 45.0  # for the servers to stop; what still hangs then is left to the keeper


class Terminated(KeyboardInterrupt):
    """SIGTERM came. A KeyboardInterrupt, because psycopg ends the query that one interrupts (and no other exception's):
    a connection with half a query on it could not be used to give claims back."""


def unwind_on_sigterm() -> None:
    """Raise `Terminated` in the main thread when SIGTERM comes, and end without more ado if that does not help."""
    signal.signal(signal.SIGTERM, _terminate)


def finish_in_peace() -> None:
    """What was to be done is done: let no SIGTERM make the end of the process look like a failure."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def end_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """Have the kernel send this process a signal when its parent ends, even by kill -9."""
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
    last = threading.Timer(_LAST_SECONDS, os._exit, [EXIT_CODE])
    last.daemon = True
    last.start()
    raise Terminated

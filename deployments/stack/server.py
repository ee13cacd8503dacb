"""The interface of a server for its keeper, and the end of its process with the keeper's."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable
from typing import IO, Protocol

from deployments.signals import PR_SET_PDEATHSIG


class Server(Protocol):
    """A server that a keeper runs."""

    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...

    def prepare(self) -> None:
        """Create the files that the first start requires."""

    def start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server as a child that ends with this process."""

    def is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Return whether it accepts requests."""

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Request a shutdown."""

    def end_leftovers(self) -> None:
        """End processes that remain after it was stopped or killed."""


def bound_to_parent(on_parent_exit: signal.Signals) -> Callable[[], None]:
    """Return a `preexec_fn`: the child gets the signal when the thread that started it ends.

    The child also handles the signals that the keeper ignores.
    """
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    # `Popen` calls it after the change of account, which would reset the request.
    def bind() -> None:
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        prctl(PR_SET_PDEATHSIG, int(on_parent_exit), 0, 0, 0)
        # The parent may have ended before the request.
        if os.getppid() != parent:
            os._exit(1)

    return bind

"""What a keeper asks of a server, and how its process is bound to the keeper's."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable
from typing import IO, Protocol

from deployments.signals import PR_SET_PDEATHSIG


class Server(Protocol):
    """A server that the keeper looks after."""

    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...

    def prepare(self) -> None:
        """Make what has to be there before the first start."""

    def start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start it as a child that does not outlive us."""

    def is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether it answers."""

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Ask it to end."""

    def end_leftovers(self) -> None:
        """End what is left of it after it was stopped or killed."""


def bound_to_parent(on_parent_exit: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn`: the child gets the signal when the thread that started it ends, and heeds those we ignore."""
    prctl, us = ctypes.CDLL(None).prctl, os.getpid()

    def bind() -> None:  # runs after a change of account, which would undo it
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        prctl(PR_SET_PDEATHSIG, int(on_parent_exit), 0, 0, 0)
        if os.getppid() != us:  # we died before it was set
            os._exit(1)

    return bind

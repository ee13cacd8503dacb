"""The pulse of an API process: a counter of event loop turns that the supervisor reads.

The counter is in shared memory, so the supervisor also detects a process that hangs while it holds Python's
interpreter lock. `faulthandler` also writes tracebacks of such a process: its signal handler is in C.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
from contextlib import suppress
from multiprocessing.context import SpawnContext

_TRACEBACK_SIGNAL = signal.SIGUSR2
# Seconds to wait for the first part of a traceback, and between two parts.
_PATIENCE = 1.0
_LARGEST = 64 * 1024


class Pulse:
    """A counter that a process shares with its supervisor, passed to the process when it starts."""

    def __init__(self, context: SpawnContext) -> None:
        self._turns = context.RawValue(ctypes.c_uint64, 0)
        self._reader, self._writer = context.Pipe(duplex=False)

    @property
    def turns(self) -> int:
        """Return the number of calls of `beat`; 0 while the process starts."""
        return int(self._turns.value)

    def beat(self) -> None:
        """Count a turn of the event loop."""
        self._turns.value += 1

    def offer_tracebacks(self) -> None:
        """Enable `tracebacks`; call this in the watched process."""
        faulthandler.register(_TRACEBACK_SIGNAL, self._writer.fileno(), all_threads=True)

    def tracebacks(self, pid: int) -> str:
        """Return the tracebacks of all threads of a process.

        The text is empty if the process is stopped or waits in the kernel. The process must have called
        `offer_tracebacks`: otherwise the signal ends it.
        """
        text = b""
        with suppress(OSError):
            os.kill(pid, _TRACEBACK_SIGNAL)
            while len(text) < _LARGEST and self._reader.poll(_PATIENCE):
                text += os.read(self._reader.fileno(), _LARGEST)
        return text.decode("utf-8", "replace")

    def close(self) -> None:
        """Release the resources of a process that has ended."""
        self._reader.close()
        self._writer.close()

"""The pulse of a process that serves: it counts the turns of its event loop where the supervisor sees them.

The count lies in shared memory, so a process that hangs with Python's interpreter lock held is noticed as well. The
same holds for tracebacks: `faulthandler` writes them from a signal handler in C.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
from contextlib import suppress
from multiprocessing.context import SpawnContext

_TRACEBACK_SIGNAL = signal.SIGUSR2
# Seconds until the first, and between two parts of a traceback.
_PATIENCE = 1.0
_LARGEST = 64 * 1024


class Pulse:
    """Shared by a process and its supervisor; can be handed to a process only as it starts."""

    def __init__(self, context: SpawnContext) -> None:
        self._turns = context.RawValue(ctypes.c_uint64, 0)
        self._reader, self._writer = context.Pipe(duplex=False)

    @property
    def turns(self) -> int:
        """How often `beat` was called; 0 while the process starts."""
        return int(self._turns.value)

    def beat(self) -> None:
        """Count a turn of the event loop."""
        self._turns.value += 1

    def offer_tracebacks(self) -> None:
        """Have `tracebacks` work from now on; call this in the process that serves."""
        faulthandler.register(_TRACEBACK_SIGNAL, self._writer.fileno(), all_threads=True)

    def tracebacks(self, pid: int) -> str:
        """Return what the threads of the process are at; nothing if it is stopped or waits in the kernel.

        The process must have offered it: the signal ends one that has not.
        """
        text = b""
        with suppress(OSError):
            os.kill(pid, _TRACEBACK_SIGNAL)
            while len(text) < _LARGEST and self._reader.poll(_PATIENCE):
                text += os.read(self._reader.fileno(), _LARGEST)
        return text.decode("utf-8", "replace")

    def close(self) -> None:
        """Release what the supervisor holds of a process that has ended."""
        self._reader.close()
        self._writer.close()

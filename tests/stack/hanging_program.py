"""A process that hangs with Python's interpreter lock held, and uses no processor meanwhile."""

from __future__ import annotations

import ctypes
import inspect


def hang() -> None:
    # `PyDLL` keeps the interpreter lock during a call, and no signal ends the wait for a mutex.
    library, mutex = ctypes.PyDLL(None), ctypes.create_string_buffer(64)
    library.pthread_mutex_lock(mutex)
    library.pthread_mutex_lock(mutex)


HANG_ON_SIGUSR1 = f"""
import ctypes, signal
{inspect.getsource(hang)}
signal.signal(signal.SIGUSR1, lambda *_: hang())
"""
"""A `sitecustomize.py` for programs that know nothing of the tests."""

"""A hang that holds Python's interpreter lock and uses no processor time."""

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
"""A `sitecustomize.py` that makes any program hang on SIGUSR1."""

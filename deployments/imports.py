"""Imports of libraries that a process keeps until it ends."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collections() -> Iterator[None]:
    """Import in the block without garbage collections.

    Modules make many objects and free few of them, so collections take a fifth of the time and find nothing.
    Later collections leave out the loaded modules.
    """
    was_enabled, known = gc.isenabled(), len(sys.modules)
    gc.disable()
    try:
        yield
    finally:
        if len(sys.modules) > known:
            gc.freeze()
        if was_enabled:
            gc.enable()

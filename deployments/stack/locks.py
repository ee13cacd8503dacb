"""Locks between processes. The kernel releases them when their holder ends, so a kill needs no clean-up."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deployments.stack.errors import StackError

_POLL_SECONDS = 0.02


def open_lock(path: Path) -> int:
    """Return the descriptor of a lock file, which is created if missing.

    Its lock is released when the descriptor is closed or the process ends.
    """
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """Yield the descriptor of a lock file, which is closed after the block."""
    descriptor = open_lock(path)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def try_lock(descriptor: int, how: int) -> bool:
    """Take a lock without waiting; return whether it was free.

    Raises `OSError` on a file system without locks.
    """
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lock_within(descriptor: int, how: int, seconds: float, otherwise: str) -> None:
    """Wait for a lock, at most `seconds`. Raises `StackError` with the message `otherwise`."""
    deadline = time.monotonic() + seconds
    while not try_lock(descriptor, how):
        if time.monotonic() > deadline:
            raise StackError(otherwise)
        time.sleep(_POLL_SECONDS)


def is_free(path: Path) -> bool:
    """Return whether no process holds the lock exclusively. Several processes may check at the same time."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        return try_lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)

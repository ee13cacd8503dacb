"""Locks by which processes meet: the kernel lets them go however their holder ends, so nobody cleans up after a kill."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deployments.stack.errors import StackError

_LOOK_SECONDS = 0.02


def open_lock(path: Path) -> int:
    """The descriptor of a lock file, made when absent; its lock is let go when it is closed or its process ends."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """The descriptor of a lock file, for a while."""
    descriptor = open_lock(path)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def try_lock(descriptor: int, how: int) -> bool:
    """Take a lock if that can be done at once. Raises `OSError` on a file system without locks."""
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lock_within(descriptor: int, how: int, seconds: float, otherwise: str) -> None:
    """Wait for a lock, `seconds` at most. Raises `StackError` with the message `otherwise`."""
    deadline = time.monotonic() + seconds
    while not try_lock(descriptor, how):
        if time.monotonic() > deadline:
            raise StackError(otherwise)
        time.sleep(_LOOK_SECONDS)


def is_free(path: Path) -> bool:
    """Whether nobody holds the lock alone. Makes nothing; askers do not disturb each other."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        return try_lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)

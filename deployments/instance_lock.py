"""The lock that lets only one `up` or `demo` serve a home; its file holds the address.

The kernel releases the lock when the process ends, however that happens.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from catalog_models.errors import RefusedError
from deployments.stack.layout import Layout
from deployments.stack.locks import is_free
from orchestration.settings import Settings

_LOCK = "up.lock"


class AlreadyUpError(RefusedError):
    """Another process serves the home."""

    code = "already_up"


@contextmanager
def hold_instance_lock(settings: Settings) -> Iterator[Callable[[str], None]]:
    """Hold the lock; yield a function that writes the address to its file. Raises `AlreadyUpError`."""
    Layout(settings.home).make()
    with (settings.home / _LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyUpError(f"already up: {lock.read().strip() or 'it is starting'}") from None
        _write(lock.fileno(), f"pid {os.getpid()}")
        yield lambda url: _write(lock.fileno(), f"{url} (pid {os.getpid()})")


def served_address(settings: Settings) -> str | None:
    """Return the address at which the home is served; None if `up` does not run or has not started yet."""
    lock = settings.home / _LOCK
    if not lock.exists() or is_free(lock):
        return None
    words = lock.read_text().split()
    return words[0] if words and words[0].startswith("http") else None


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)

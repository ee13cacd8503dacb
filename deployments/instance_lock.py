"""The one `up` of a home: it holds a lock and notes its address there, for whoever comes second or wants to know."""

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
    """The home is served already."""

    code = "already_up"


@contextmanager
def hold_instance_lock(settings: Settings) -> Iterator[Callable[[str], None]]:
    """Be the only one that keeps the home up; yields a function that notes the address.

    Raises `AlreadyUpError`. The lock is the kernel's: it goes with the process, however that ends.
    """
    Layout(settings.home).make()
    with (settings.home / _LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyUpError(f"already up: {lock.read().strip() or 'it is just starting'}") from None
        _note(lock.fileno(), f"pid {os.getpid()}")
        yield lambda url: _note(lock.fileno(), f"{url} (pid {os.getpid()})")


def served_address(settings: Settings) -> str | None:
    """Where the home is served now, None when `up` does not run or has not answered yet."""
    lock = settings.home / _LOCK
    if not lock.exists() or is_free(lock):
        return None
    said = lock.read_text().split()
    return said[0] if said and said[0].startswith("http") else None


def _note(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)

"""Secrets that a home makes at their first use and keeps, each a file for its user alone."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deployments.stack.layout import replace


def kept(home: Path, name: str, prefix: str = "") -> str:
    """Return the secret of this name, made of `prefix` and 64 digits when the home has none or an empty one.

    Of two processes that make one at once, both return the same.
    """
    file = home / "secrets" / name
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if known := _read(file):
        return known
    with _alone_in(file.parent):
        if not _read(file):
            replace(file, (prefix + secrets.token_hex(32)).encode())
    return _read(file)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read(path: Path) -> str:
    """Return the content of a secret's file, empty when there is none, and close the file to others."""
    try:
        with path.open() as file:
            if os.fstat(file.fileno()).st_mode & 0o077:  # as a copy or an editor may leave it
                os.fchmod(file.fileno(), 0o600)
            return file.read().strip()
    except FileNotFoundError:
        return ""

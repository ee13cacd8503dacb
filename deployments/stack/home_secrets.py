"""Secrets that a home generates at their first use, each in a file that only its user can read."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deployments.stack.layout import replace


def home_secret(home: Path, name: str, prefix: str = "") -> str:
    """Return the secret of this name; generate it if it is missing or empty (`prefix` and 64 hex digits).

    Two processes that generate it at the same time return the same secret.
    """
    file = home / "secrets" / name
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if known := _read(file):
        return known
    with _locked(file.parent):
        if not _read(file):
            replace(file, (prefix + secrets.token_hex(32)).encode())
    return _read(file)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read(path: Path) -> str:
    """Return the content of a secret's file, or an empty text if it is missing; make the file private."""
    try:
        with path.open() as file:
            # A copy or an editor may have left it readable for other users.
            if os.fstat(file.fileno()).st_mode & 0o077:
                os.fchmod(file.fileno(), 0o600)
            return file.read().strip()
    except FileNotFoundError:
        return ""

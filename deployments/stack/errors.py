"""Errors of the embedded servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalog_models.errors import ExpectedError


class StackError(ExpectedError):
    """A server could not be started or stopped; the message states the reason and the remedy."""

    code = "stack"


@contextmanager
def home_errors(home: Path) -> Iterator[None]:
    """Turn an `OSError` (a full disk, a folder of another user) into a `StackError`."""
    try:
        yield
    except OSError as error:
        where = f" at {error.filename}" if error.filename else ""
        raise StackError(
            f"the home {home} cannot be used: {error.strerror or error}{where}. "
            "Free some space or correct its permissions, or set WSOPTV_HOME to another folder on a local disk"
        ) from error


def tail(path: Path, since: int = 0, most: int = 1500) -> str:
    """Return the end of a log file: at most `most` bytes, from the byte `since` on."""
    try:
        return path.read_bytes()[since:][-most:].decode("utf-8", "replace").strip()
    except OSError as error:
        return str(error)

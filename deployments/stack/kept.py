"""Secrets that a home makes at their first use and keeps, each a file for its user alone."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

_PRIVATE = 0o600


def kept(home: Path, name: str, prefix: str = "") -> str:
    """Return the secret of this name, made of `prefix` and 64 digits when the home has none or an empty one.

    Of two processes that make one at once, both return the same.
    """
    folder = home / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    final = folder / name
    if known := _read(final):
        return known
    descriptor, part = tempfile.mkstemp(dir=folder)  # readable for us alone
    with os.fdopen(descriptor, "w") as file:
        file.write(prefix + secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    if final.exists():
        os.replace(part, final)  # an empty file is no secret
    else:
        with suppress(FileExistsError):
            os.link(part, final)  # unlike a rename it never replaces what another has just made
        Path(part).unlink()
    return _read(final)


def _read(path: Path) -> str:
    """Return the content of a secret's file, empty when there is none, and close the file to others."""
    try:
        with path.open() as file:
            if os.fstat(file.fileno()).st_mode & 0o077:  # as a copy or an editor may leave it
                os.fchmod(file.fileno(), _PRIVATE)
            return file.read().strip()
    except FileNotFoundError:
        return ""

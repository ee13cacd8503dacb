"""Folders for homes."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that every account may enter, unlike pytest's own: homes in it hold their data."""
    folder = Path(tempfile.mkdtemp(prefix="wsoptv-test-", dir=_memory()))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def _memory() -> str | None:
    """Return a file system in memory with room for a dozen databases, or None.

    On a disk, creating and dropping a database takes twice the processor time, and waits for the disk.
    """
    roomy = os.path.isdir("/dev/shm") and shutil.disk_usage("/dev/shm").free > 2 << 30
    return "/dev/shm" if roomy and os.access("/dev/shm", os.W_OK) else None

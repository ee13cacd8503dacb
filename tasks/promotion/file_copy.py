"""A copy of a file: made under a temporary name, checked, and there all at once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from catalog_models.errors import ExpectedError
from catalog_models.values import storable
from tasks.media.fingerprint import fingerprint
from tasks.media.folders import discard, part_of, show_to_all
from tasks.media.source import open_source
from tasks.media.source_protocol import Source

_PIECE = 16 << 20  # bytes between two looks at the clock and at whoever wants this to end


class CopyFailedError(ExpectedError):
    """A copy could not be made; there is nothing of it."""

    code = "copy_failed"


def copy_file(
    path: bytes, size: int, mtime_ns: int, target: Path, tell: Callable[[int], None], rate: float = 0
) -> None:
    """Copy what lies at the location `path`, that was seen with this size and change, to `part_of(target)`; `publish` gives it its name.

    `tell` is told of every few megabytes (in bytes), and may raise. `rate`: bytes a second at the most, 0 as many as there are.
    Raises `CopyFailedError` (no room, a disk that fails), `SourceChangedError`, `SourceGoneError`.
    """
    part = part_of(target)
    try:
        with open_source(path, size, mtime_ns) as source:
            _write(source, part, tell, rate)
            os.utime(part, ns=(mtime_ns, mtime_ns))  # by which players know it from others
            _verify(source, part, mtime_ns)
    except OSError as error:
        discard(target)
        raise CopyFailedError(
            f"{os.fsdecode(path)} was not copied to {target.parent}: {error.strerror}"
        ) from error
    except BaseException:
        discard(target)
        raise


def _write(source: Source, part: Path, tell: Callable[[int], None], rate: float) -> None:
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        show_to_all(descriptor)
        os.posix_fallocate(descriptor, 0, source.size)  # no room is said now, not in the last gigabyte
        began, done = time.monotonic(), 0
        while done < source.size:
            sent = source.send(descriptor, done, min(_PIECE, source.size - done))
            if not sent:
                raise CopyFailedError(
                    f"{os.fsdecode(source.path)} ended after {done:,} of {source.size:,} bytes"
                )
            done += sent
            tell(sent)
            if rate:
                time.sleep(max(0.0, done / rate - (time.monotonic() - began)))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _verify(source: Source, part: Path, mtime_ns: int) -> None:
    """Size, time, beginning and end are the source's. Raises `CopyFailedError`."""
    seen = part.stat()
    if seen.st_mtime_ns // 1_000_000_000 != mtime_ns // 1_000_000_000:
        raise CopyFailedError(
            f"the file system of {part.parent} does not keep the time of a file to the second"
        )
    with open_source(os.fsencode(part), seen.st_size, storable(seen.st_mtime_ns)) as copy:
        if fingerprint(copy) != fingerprint(source):
            raise CopyFailedError(f"the copy of {os.fsdecode(source.path)} is not like it; try again")

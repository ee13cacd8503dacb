"""Copy a file under a temporary name, and verify the copy."""

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

# Bytes between checks of the rate and of a cancellation.
_PIECE = 16 << 20


class CopyFailedError(ExpectedError):
    """A copy could not be made; nothing of it remains."""

    code = "copy_failed"


def copy_file(
    path: bytes, size: int, mtime_ns: int, target: Path, tell: Callable[[int], None], rate: float = 0
) -> None:
    """Copy the file at `path`, as it was scanned, to `part_of(target)`; `publish` gives it its final name.

    `tell` is called with the bytes of each piece, and may raise. `rate`: bytes per second at most; 0 for no
    limit. Raise `CopyFailedError` (disk full or failing), `SourceChangedError` and `SourceGoneError`.
    """
    part = part_of(target)
    try:
        with open_source(path, size, mtime_ns) as source:
            _write(source, part, tell, rate)
            # Playback recognises a copy by its time of change.
            os.utime(part, ns=(mtime_ns, mtime_ns))
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
        # Fail now if the disk is too full, not in the last gigabyte.
        os.posix_fallocate(descriptor, 0, source.size)
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
    """Compare size, time, beginning and end with the source. Raise `CopyFailedError` if they differ."""
    seen = part.stat()
    if seen.st_mtime_ns // 1_000_000_000 != mtime_ns // 1_000_000_000:
        raise CopyFailedError(
            f"the file system of {part.parent} does not store the time of a file to the second"
        )
    with open_source(os.fsencode(part), seen.st_size, storable(seen.st_mtime_ns)) as copy:
        if fingerprint(copy) != fingerprint(source):
            raise CopyFailedError(
                f"the copy of {os.fsdecode(source.path)} differs from its source; try again"
            )

"""The SHA-256 of a whole file, read from where it lies and not from memory."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from tasks.media.fingerprint import fingerprint
from tasks.media.source import FileSource, open_source

_PIECE = 4 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Digest:
    """Of the whole file, and the fingerprint of its ends."""

    sha256: bytes
    fingerprint: bytes


def digest_of(path: bytes, size: int, mtime_ns: int, tell: Callable[[int], None], rate: float = 0) -> Digest:
    """Read all that lies at a location, as a scan saw it. `tell` is told of every few megabytes (bytes), and may raise.

    `rate`: bytes a second at the most, 0 as many as there are. Raises what `open_source` raises, and OSError where less
    comes than there should be.
    """
    sha256, began, done = hashlib.sha256(), time.monotonic(), 0
    with open_source(path, size, mtime_ns) as source:
        forget = source.descriptor if isinstance(source, FileSource) else None
        _forget(forget)  # what is in memory says nothing of the disk
        mark = fingerprint(source)
        while done < size:
            piece = source.read(min(_PIECE, size - done), done)
            if not piece:
                raise OSError(f"it ended after {done:,} of {size:,} bytes")
            sha256.update(piece)
            done += len(piece)
            tell(len(piece))
            if rate:
                time.sleep(max(0.0, done / rate - (time.monotonic() - began)))
        _forget(forget)  # films that are watched need the room
    return Digest(sha256.digest(), mark.digest)


def _forget(descriptor: int | None) -> None:
    if descriptor is not None:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)

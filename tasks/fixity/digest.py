"""The SHA-256 of a whole file, read from its disk and not from the page cache."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from tasks.media.fingerprint import fingerprint
from tasks.media.source import FileSource, open_source

# Bytes.
_PIECE = 4 << 20


@dataclass(frozen=True, slots=True)
class Digest:
    """The SHA-256 of the whole file, and the fingerprint of its ends."""

    sha256: bytes
    fingerprint: bytes


def digest_of(path: bytes, size: int, mtime_ns: int, tell: Callable[[int], None], rate: float = 0) -> Digest:
    """Read a whole file as a scan saw it. `tell` is called with the bytes of each piece, and may raise.

    `rate`: bytes per second at most; 0 for no limit. Raise the errors of `open_source`, and OSError if the
    file ends early.
    """
    sha256, began, done = hashlib.sha256(), time.monotonic(), 0
    with open_source(path, size, mtime_ns) as source:
        forget = source.descriptor if isinstance(source, FileSource) else None
        # A cached page proves nothing about the disk.
        _forget(forget)
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
        # Videos that are being watched need the page cache.
        _forget(forget)
    return Digest(sha256.digest(), mark.digest)


def _forget(descriptor: int | None) -> None:
    if descriptor is not None:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)

"""An object of a bucket as a source: reads are served from blocks, which are fetched once."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from orchestration.storage.bucket import ObjectFile, open_object
from orchestration.storage.local_file import FileChangedError
from tasks.media.source_protocol import Source, SourceChangedError, SourceGoneError

BLOCK = 256 * 1024
"""Bytes of a block.

At 30 ms a request and 100 MB/s, the request takes as long as the unused bytes of a block.
"""

# Blocks in memory: 16 MiB.
_KEPT = 64
# Blocks per request during sequential reads.
_MOST_AHEAD = 16
# Parallel requests of a copy.
_AT_ONCE = 4

T = TypeVar("T")


class RemoteSource:
    """See `Source`; `medium` is the source itself.

    It keeps the bucket's first error, which libraries take for damage.
    """

    def __init__(self, path: bytes, opened: ObjectFile) -> None:
        self.path, self.size = path, opened.size
        self.failure: OSError | FileChangedError | None = None
        self.opened, self._at = opened, 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._next, self._ahead = 0, 1

    @property
    def medium(self) -> RemoteSource:
        """Itself."""
        return self

    def tell(self) -> int:
        """Return the current position of a library."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """See `io.IOBase.seek`."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, length: int = -1, offset: int | None = None) -> bytes:
        """Read from `offset`, as `Source` says; without one, from the current position."""
        start = self._at if offset is None else offset
        end = self.size if length < 0 else min(self.size, start + length)
        pieces = []
        while start < end:
            pieces.append(self._some(start, end - start))
            start += len(pieces[-1])
        if offset is None:
            self._at = max(self._at, end)
        return b"".join(pieces)

    def send(self, target: int, offset: int, length: int) -> int:
        """Fetch the bytes with several parallel requests."""
        at = offset
        for piece in self._noting(lambda: self.opened.read_many(offset, length, _AT_ONCE)):
            written = 0
            # A disk that is almost full writes only a part.
            while written < len(piece):
                written += os.pwrite(target, memoryview(piece)[written:], at + written)
            at += written
        return at - offset

    def _some(self, offset: int, length: int) -> bytes:
        if not 0 <= offset < self.size:
            return b""
        number, start = divmod(offset, BLOCK)
        return self._block(number)[start : start + length]

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            self._fetch(number)
        self._blocks.move_to_end(number)
        return self._blocks[number]

    def _fetch(self, number: int) -> None:
        self._ahead = min(self._ahead * 2, _MOST_AHEAD) if number == self._next else 1
        self._next = number + self._ahead
        start = number * BLOCK
        length = min(self._ahead * BLOCK, self.size - start)
        data = self._noting(lambda: self.opened.read(start, length))
        for at in range(0, len(data), BLOCK):
            self._blocks[number + at // BLOCK] = data[at : at + BLOCK]
        while len(self._blocks) > _KEPT:
            self._blocks.popitem(last=False)

    def _noting(self, read: Callable[[], T]) -> T:
        """Read, and keep the first error."""
        try:
            return read()
        except (OSError, FileChangedError) as error:
            self.failure = self.failure or error
            raise


@contextmanager
def open_remote(path: bytes, size: int, mtime_ns: int) -> Iterator[Source]:
    """Open an object, as `open_source` does.

    A failure of the bucket is raised, whatever a library made of it.
    """
    name = os.fsdecode(path)
    try:
        opened = open_object(path)
    except FileNotFoundError as error:
        raise SourceGoneError(f"{name} no longer exists") from error
    if (opened.size, opened.mtime_ns) != (size, mtime_ns):
        raise SourceChangedError(f"{name} changed since it was scanned")
    source = RemoteSource(path, opened)
    try:
        yield source
    finally:
        _require_well(source, name)


def _require_well(source: RemoteSource, name: str) -> None:
    """Raise the error that occurred meanwhile: the bucket failed, or the object was replaced."""
    match source.failure:
        case FileChangedError():
            raise SourceChangedError(f"{name} changed while it was read")
        case FileNotFoundError() as error:
            raise SourceGoneError(f"{name} no longer exists") from error
        case OSError() as error:
            raise error
    try:
        now = open_object(source.path)
    except FileNotFoundError as error:
        raise SourceGoneError(f"{name} no longer exists") from error
    if (now.size, now.mtime_ns) != (source.opened.size, source.opened.mtime_ns):
        raise SourceChangedError(f"{name} changed while it was read")

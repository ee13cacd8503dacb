"""An object of a bucket as a source: what a library reads of it is fetched by blocks, and none of them twice in a row."""

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
"""Bytes of a block: at 30 ms a request and 100 MB/s, asking for it takes as long as what little of it is read in vain."""

_KEPT = 64  # blocks in memory: 16 MiB
_MOST_AHEAD = 16  # blocks by one request, once somebody reads on and on
_AT_ONCE = 4  # requests for a copy

T = TypeVar("T")


class RemoteSource:
    """See `Source`; `medium` is the source itself. Keeps the first error of the bucket: libraries take it for damage."""

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
        """Where a library stands."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """See `io.IOBase.seek`."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, length: int = -1, offset: int | None = None) -> bytes:
        """From `offset` as `Source` says; without one, from where a library stands."""
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
        """Fetch them by some requests at once."""
        at = offset
        for piece in self._noting(lambda: self.opened.read_many(offset, length, _AT_ONCE)):
            written = 0
            while written < len(piece):  # a disk that fills takes a part
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
    """As `open_source`, for an object. What a library made of the bucket's failure does not count: it is raised."""
    name = os.fsdecode(path)
    try:
        opened = open_object(path)
    except FileNotFoundError as error:
        raise SourceGoneError(f"{name} is gone") from error
    if (opened.size, opened.mtime_ns) != (size, mtime_ns):
        raise SourceChangedError(f"{name} changed since it was scanned")
    source = RemoteSource(path, opened)
    try:
        yield source
    finally:
        _require_well(source, name)


def _require_well(source: RemoteSource, name: str) -> None:
    """Raise what went wrong meanwhile: the bucket failed, or the object is another now."""
    match source.failure:
        case FileChangedError():
            raise SourceChangedError(f"{name} changed while it was read")
        case FileNotFoundError() as error:
            raise SourceGoneError(f"{name} is gone") from error
        case OSError() as error:
            raise error
    try:
        now = open_object(source.path)
    except FileNotFoundError as error:
        raise SourceGoneError(f"{name} is gone") from error
    if (now.size, now.mtime_ns) != (source.opened.size, source.opened.mtime_ns):
        raise SourceChangedError(f"{name} changed while it was read")

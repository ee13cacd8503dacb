"""The storage of archives (L4): folders and S3 buckets with one interface, each identified by its location.

A location is bytes: the absolute path of a folder without links, or `s3://bucket/prefix`. The location of a
file is that of its root, a slash, and its path.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from catalog_models.values import ScannedFile
from orchestration.storage.local_file import FileChangedError, LocalFile, open_below

__all__ = [
    "FileChangedError",
    "Found",
    "LocalFile",
    "OpenFile",
    "Storage",
    "is_bucket",
    "is_down",
    "open_below",
    "storage_at",
]

# Errors of a whole storage, not of one file. EREMOTEIO and EKEYREJECTED come from buckets (`s3_errors`).
_DOWN = {
    errno.ESTALE,
    errno.ENOTCONN,
    errno.ETIMEDOUT,
    errno.ECONNREFUSED,
    errno.ECONNRESET,
    errno.ECONNABORTED,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.ENETDOWN,
    errno.ENETUNREACH,
    errno.ENODEV,
    errno.EREMOTEIO,
    errno.EKEYREJECTED,
}


@dataclass(frozen=True, slots=True)
class Found:
    """A file or other entry at `path` (relative to the root), in `folder`.

    `look` returns its state, by `lstat` in folders.
    """

    folder: bytes
    path: bytes
    is_file: bool
    look: Callable[[], ScannedFile]


class OpenFile(Protocol):
    """A file open for reading.

    `size` (bytes), `mtime_ns` and `ctime_ns` are those at the time of opening. In a bucket, the entity tag is
    part of `mtime_ns`, and `ctime_ns` is None.

    `tells_cached`: whether `read_cached` works without blocking; None before its first call. All other
    methods block.
    """

    size: int
    mtime_ns: int
    ctime_ns: int | None
    tells_cached: bool | None

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly these bytes.

        Raise `FileChangedError` if the file differs from the opened one, or OSError.
        """

    def read_cached(self, offset: int, length: int) -> bytearray | None:
        """Return the same bytes if that needs no waiting, else None."""

    def close(self) -> None:
        """Release the file."""


class Storage(Protocol):
    """A root of the archive, read-only.

    Errors are OSErrors; `is_down` recognises errors of the whole storage.
    """

    def files(
        self, below: bytes, closed: Callable[[bytes], bool], unreadable: dict[bytes, str]
    ) -> Iterator[Found]:
        """Yield everything below the folder `below` that is not a folder.

        Folders for which `closed` returns True are not entered. Folders that cannot be listed are recorded in
        `unreadable`. Raise OSError if `below` itself cannot be listed.
        """

    def open(self, path: bytes) -> OpenFile:
        """Open the file at this path. Raise FileNotFoundError if it is missing, or not a file."""

    def state(self, path: bytes) -> tuple[int, int]:
        """Return size and `mtime_ns` at this path. Raise OSError."""

    def is_there(self) -> bool:
        """Return whether the root exists; True if that cannot be determined."""


def is_bucket(location: bytes) -> bool:
    """Return whether this is the location of a bucket, or of something in one."""
    return location.startswith(b"s3://")


def storage_at(root: bytes) -> Storage:
    """Return the storage at a root's location."""
    if is_bucket(root):
        from orchestration.storage.bucket import Bucket

        return Bucket(root)
    from orchestration.storage.folder import Folder

    return Folder(root)


def is_down(error: BaseException) -> bool:
    """Return whether an error concerns the whole storage: it does not respond, or its handle is stale."""
    return isinstance(error, OSError) and error.errno in _DOWN

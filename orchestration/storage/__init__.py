"""Where the archive lies (L4): folders and S3 buckets behind one small interface, each known by its location.

A location is bytes: the absolute path of a folder without links, or `s3://bucket/prefix`. That of a file is its root's and
its path, with a slash between, in either case.
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

# Errors of a whole storage, not of one file. EREMOTEIO and EKEYREJECTED are those of buckets (`s3_errors`).
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
    """What lies at `path` (relative to the root) in `folder`; `look` tells its state, for a file of a folder by `lstat`."""

    folder: bytes
    path: bytes
    is_file: bool
    look: Callable[[], ScannedFile]


class OpenFile(Protocol):
    """A file open for reading. `size` (bytes), `mtime_ns` and `ctime_ns` are as they were when it was opened;
    in a bucket the entity tag is part of `mtime_ns`, and `ctime_ns` is None.

    `tells_cached`: whether `read_cached` works without blocking; None before its first call. All other
    methods block.
    """

    size: int
    mtime_ns: int
    ctime_ns: int | None
    tells_cached: bool | None

    def read(self, offset: int, length: int) -> bytes:
        """Exactly these bytes, or `FileChangedError` when the file is not what was opened; OSError as the storage gives it."""

    def read_cached(self, offset: int, length: int) -> bytearray | None:
        """The same if nobody has to wait for it, else None."""

    def close(self) -> None:
        """Give back what it holds."""


class Storage(Protocol):
    """A root of the archive. Errors are OSErrors; `is_down` tells those that mean all of it. Nothing here writes."""

    def files(
        self, below: bytes, closed: Callable[[bytes], bool], unreadable: dict[bytes, str]
    ) -> Iterator[Found]:
        """All that is no folder, below the folder `below`. Folders that `closed` tells are not entered, those that cannot be
        listed are noted in `unreadable`. Raises OSError when `below` itself cannot be."""

    def open(self, path: bytes) -> OpenFile:
        """The file at this path; FileNotFoundError where none is, or what is there is none."""

    def state(self, path: bytes) -> tuple[int, int]:
        """Size and `mtime_ns` of what lies at this path. Raises OSError."""

    def is_there(self) -> bool:
        """Whether the root is known to be there; True where nobody can tell."""


def is_bucket(location: bytes) -> bool:
    """Whether this is the location of a bucket or of something in one."""
    return location.startswith(b"s3://")


def storage_at(root: bytes) -> Storage:
    """The storage at a root's location."""
    if is_bucket(root):
        from orchestration.storage.bucket import Bucket

        return Bucket(root)
    from orchestration.storage.folder import Folder

    return Folder(root)


def is_down(error: BaseException) -> bool:
    """Whether an error means the whole storage: it does not answer, or its handle is stale."""
    return isinstance(error, OSError) and error.errno in _DOWN

"""Open a file of the archive, in a folder or a bucket: read-only, without blocking, and verified."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from catalog_models.values import storable
from orchestration.storage import is_bucket
from tasks.media.remote import open_remote
from tasks.media.source_protocol import Source, SourceChangedError, SourceGoneError

_READ_ALIKE = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file in a folder; see `Source`."""

    path: bytes
    descriptor: int
    size: int

    @property
    def medium(self) -> str:
        """Return the descriptor's name."""
        return f"/proc/self/fd/{self.descriptor}"

    def read(self, length: int, offset: int) -> bytes:
        """See `Source`."""
        return os.pread(self.descriptor, length, offset)

    def send(self, target: int, offset: int, length: int) -> int:
        """Copy in the kernel, where file systems support it; see `Source`."""
        try:
            return os.copy_file_range(self.descriptor, target, length, offset, offset)
        except OSError as error:
            if error.errno not in _READ_ALIKE:
                raise
        os.lseek(target, offset, os.SEEK_SET)
        return os.sendfile(target, self.descriptor, offset, length)


@contextmanager
def open_source(path: bytes, size: int, mtime_ns: int) -> Iterator[Source]:
    """Open the location `path` that a scan saw with `size` bytes and `mtime_ns`.

    Raise `SourceGoneError`, `SourceChangedError` (also at the end, if the file changed meanwhile) and OSError
    as the system reported it (permission, input/output).
    """
    if is_bucket(path):
        with open_remote(path, size, mtime_ns) as remote:
            yield remote
    else:
        with _open_file(path, size, mtime_ns) as file:
            yield file


@contextmanager
def _open_file(path: bytes, size: int, mtime_ns: int) -> Iterator[Source]:
    # O_NONBLOCK: a pipe, a device or a leased file must not block.
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW
    with _gone_or_changed(path):
        descriptor = os.open(path, flags)
    try:
        seen = os.fstat(descriptor)
        if not stat.S_ISREG(seen.st_mode) or (seen.st_size, storable(seen.st_mtime_ns)) != (size, mtime_ns):
            raise SourceChangedError(f"{os.fsdecode(path)} changed since it was scanned")
        try:
            yield FileSource(path, descriptor, size)
        # Also if reading failed: a file that is being replaced looks damaged.
        finally:
            _require_unchanged(path, descriptor, seen)
    finally:
        os.close(descriptor)


def _require_unchanged(path: bytes, descriptor: int, seen: os.stat_result) -> None:
    """Raise if the path no longer leads to the same file, or if the file was written."""
    with _gone_or_changed(path):
        now = os.lstat(path)
    if _identity(now) != _identity(seen) or _identity(os.fstat(descriptor)) != _identity(seen):
        raise SourceChangedError(f"{os.fsdecode(path)} changed while it was read")


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


@contextmanager
def _gone_or_changed(path: bytes) -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceGoneError(f"{os.fsdecode(path)} no longer exists") from error
    except OSError as error:
        # O_NOFOLLOW found a symbolic link.
        if error.errno == errno.ELOOP:
            raise SourceChangedError(f"{os.fsdecode(path)} is now a symbolic link") from error
        raise

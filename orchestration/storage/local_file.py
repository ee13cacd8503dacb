"""Files below a folder, opened so that no path leads outside, and every change is noticed."""

from __future__ import annotations

import errno
import io
import os
import stat

# Non-blocking, because opening a pipe would wait for its writer. Links are refused in every part of a path.
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW
_FOLDER = os.O_PATH | os.O_DIRECTORY


class FileChangedError(Exception):
    """The file shrank, grew or was written since it was opened."""


class LocalFile:
    """A regular file open for reading. `size` (bytes) and `mtime_ns` are those of the descriptor.

    All methods except `read_cached` block: call them in a thread.
    """

    def __init__(self, descriptor: int, location: bytes) -> None:
        self._file = io.FileIO(descriptor)
        self._location = location
        state = os.fstat(descriptor)
        self.size = state.st_size
        self.mtime_ns = state.st_mtime_ns
        self.ctime_ns: int | None = state.st_ctime_ns
        # Whether the file system can read from the page cache only (RWF_NOWAIT); None before the first try.
        self.tells_cached: bool | None = None

    def read(self, offset: int, length: int) -> bytes:
        """Return exactly `length` bytes. Raise `FileChangedError` if the file is not as it was opened."""
        descriptor = self._file.fileno()
        pieces = [os.pread(descriptor, length, offset)]
        missing = length - len(pieces[0])
        while missing and pieces[-1]:
            pieces.append(os.pread(descriptor, missing, offset + length - missing))
            missing -= len(pieces[-1])
        if missing:
            raise FileChangedError
        state = os.fstat(descriptor)
        self._raise_if_changed(state)
        if state.st_ctime_ns != self.ctime_ns:
            self._raise_unless_moved(state)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def read_cached(self, offset: int, length: int) -> bytearray | None:
        """Return what `read` returns, without waiting for a disk; None if not all of it is in the page cache.

        File systems without support, such as network file systems, refuse RWF_NOWAIT and are tried once.
        Where it is supported, reading the file's state does not wait either.
        """
        if self.tells_cached is False:
            return None
        data = bytearray(length)
        try:
            read = os.preadv(self._file.fileno(), [data], offset, os.RWF_NOWAIT)
        except OSError as error:
            self.tells_cached = isinstance(error, BlockingIOError)
            return None
        self.tells_cached = True
        if read < length:
            return None
        state = os.fstat(self._file.fileno())
        self._raise_if_changed(state)
        # To find out why the inode changed, `read` checks its path, which may wait for the disk.
        return data if state.st_ctime_ns == self.ctime_ns else None

    def _raise_if_changed(self, state: os.stat_result) -> None:
        if (state.st_size, state.st_mtime_ns) != (self.size, self.mtime_ns):
            raise FileChangedError

    def _raise_unless_moved(self, state: os.stat_result) -> None:
        """Raise `FileChangedError` if the file, whose inode changed, is still at its path.

        It may have been overwritten and its old time restored. If it was renamed, deleted or replaced, the
        descriptor still reads the old bytes.
        """
        try:
            there = os.lstat(self._location)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
                raise
        else:
            if (there.st_dev, there.st_ino) == (state.st_dev, state.st_ino):
                raise FileChangedError
        self.ctime_ns = state.st_ctime_ns

    def close(self) -> None:
        """Close the descriptor."""
        self._file.close()

    # The caller may have stopped waiting while the file was opened.
    def __del__(self) -> None:
        self._file.close()


def open_below(root: bytes, path: bytes) -> LocalFile:
    """Open the regular file at `path` (relative) below the folder `root`.

    Raise OSError. A file that is not regular, or is reached through a link or `..`, counts as missing
    (FileNotFoundError). It is opened part by part, so a path may exceed the system's limit.
    """
    *folders, name = path.split(b"/")
    if any(part in (b"", b".", b"..") for part in (*folders, name)):
        raise _missing(path)
    folder = os.open(root, _FOLDER)
    try:
        for part in folders:
            inner = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = inner
        descriptor = os.open(name, _FILE, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO):
            raise _missing(path) from error
        raise
    finally:
        os.close(folder)
    return _regular(descriptor, root, path)


def _regular(descriptor: int, root: bytes, path: bytes) -> LocalFile:
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return LocalFile(descriptor, os.path.join(root, path))
    os.close(descriptor)
    raise _missing(path)


def _missing(path: bytes) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)

"""Files below a folder, opened so that nothing outside it can be reached and nothing changed goes unseen."""

from __future__ import annotations

import errno
import io
import os
import stat

# Non-blocking, for opening a pipe would wait for its writer; links are refused in every part of a path.
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW
_FOLDER = os.O_PATH | os.O_DIRECTORY


class FileChangedError(Exception):
    """The file shrank, grew or was written to since it was opened."""


class LocalFile:
    """A regular file open for reading. `size` (bytes) and `mtime_ns` are those of the descriptor.

    All methods block, `read_cached` excepted: call them in a thread.
    """

    def __init__(self, descriptor: int, location: bytes) -> None:
        self._file = io.FileIO(descriptor)
        self._location = location
        state = os.fstat(descriptor)
        self.size = state.st_size
        self.mtime_ns = state.st_mtime_ns
        self.ctime_ns: int | None = state.st_ctime_ns
        # Whether its file system tells what it has in memory, and so makes nobody wait; None: not asked yet.
        self.tells_cached: bool | None = None

    def read(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes; raises `FileChangedError` when these are not the file's as it was opened."""
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
        """What `read` answers, without waiting for a disk; None where the system does not have all of it in memory.

        File systems that cannot tell, those of a network among them, refuse RWF_NOWAIT, and are asked once. Only
        where it is granted is a look at the file's state sure not to wait either.
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
        # To find out why the inode changed, `read` looks at its path, which may wait for the disk.
        return data if state.st_ctime_ns == self.ctime_ns else None

    def _raise_if_changed(self, state: os.stat_result) -> None:
        if (state.st_size, state.st_mtime_ns) != (self.size, self.mtime_ns):
            raise FileChangedError

    def _raise_unless_moved(self, state: os.stat_result) -> None:
        """Raise `FileChangedError` if the file, whose inode changed, is still at its path.

        It may have been overwritten and had its old time restored. If it was renamed, deleted or replaced by
        another, the descriptor still has the old bytes.
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
        """Give the descriptor back."""
        self._file.close()

    def __del__(self) -> None:  # who asked for the file may have left while it was being opened
        self._file.close()


def open_below(root: bytes, path: bytes) -> LocalFile:
    """The regular file at `path` (relative) below the folder `root`.

    Raises `OSError`; what is no regular file, or is reached through a link or `..`, is not there
    (`FileNotFoundError`). Taken part by part, a path may also be longer than the system's limit.
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

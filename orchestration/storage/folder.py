"""A folder: one directory entry and one `lstat` per video; no file is opened, no link followed."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from functools import partial

from catalog_models.values import ScannedFile, storable
from orchestration.storage import Found, OpenFile, is_down
from orchestration.storage.local_file import open_below

_VANISHED = (FileNotFoundError, NotADirectoryError)


class Folder:
    """The folder at an absolute path; see `Storage`."""

    def __init__(self, root: bytes) -> None:
        self._root = root

    def files(
        self, below: bytes, closed: Callable[[bytes], bool], unreadable: dict[bytes, str]
    ) -> Iterator[Found]:
        """Yield files folder by folder. Raise OSError if the root disappears or fails meanwhile."""
        folders, seen = [below], self._identity()
        while folders:
            folder = folders.pop()
            try:
                entries = list(self._list(folder))
            except OSError as error:
                if folder == below or is_down(error):
                    raise
                if isinstance(error, _VANISHED):
                    self._expect(seen)
                else:
                    unreadable[folder] = error.strerror or str(error)
                continue
            for path, entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    yield Found(
                        folder, path, entry.is_file(follow_symlinks=False), partial(_scanned, path, entry)
                    )
                elif not closed(path):
                    folders.append(path)
        self._expect(seen)

    def _identity(self) -> tuple[int, int]:
        status = os.stat(self._root)
        return status.st_dev, status.st_ino

    def _expect(self, seen: tuple[int, int]) -> None:
        """Raise OSError if the root is another folder now: after an unmount, files only look deleted."""
        if self._identity() != seen:
            raise OSError(errno.ESTALE, "it was unmounted or replaced while it was listed")

    def open(self, path: bytes) -> OpenFile:
        """Open part by part without following links, so a path may exceed the system's limit."""
        return open_below(self._root, path)

    def state(self, path: bytes) -> tuple[int, int]:
        """Return the state of the file, or of the link itself."""
        status = os.lstat(os.path.join(self._root, path))
        return status.st_size, storable(status.st_mtime_ns)

    def is_there(self) -> bool:
        """Return whether the folder exists."""
        return os.path.isdir(self._root)

    def _list(self, folder: bytes) -> Iterator[tuple[bytes, os.DirEntry[bytes]]]:
        prefix = folder + b"/" if folder else b""
        with os.scandir(os.path.join(self._root, folder) if folder else self._root) as entries:
            for entry in entries:
                yield prefix + entry.name, entry


def _scanned(path: bytes, entry: os.DirEntry[bytes]) -> ScannedFile:
    facts = entry.stat(follow_symlinks=False)
    return ScannedFile(path, facts.st_size, storable(facts.st_mtime_ns), storable(facts.st_ctime_ns))

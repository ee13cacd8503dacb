"""A folder: one directory entry and one `lstat` a video, no file opened, no link followed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial

from catalog_models.values import ScannedFile, storable
from orchestration.storage import Found, OpenFile
from orchestration.storage.local_file import open_below

_VANISHED = (FileNotFoundError, NotADirectoryError)


class Folder:
    """The folder at an absolute path; see `Storage`."""

    def __init__(self, root: bytes) -> None:
        self._root = root

    def files(
        self, below: bytes, closed: Callable[[bytes], bool], unreadable: dict[bytes, str]
    ) -> Iterator[Found]:
        """Folder by folder."""
        folders = [below]
        while folders:
            folder = folders.pop()
            try:
                entries = list(self._list(folder))
            except OSError as error:
                if folder == below:
                    raise
                if not isinstance(error, _VANISHED):
                    unreadable[folder] = error.strerror or str(error)
                continue
            for path, entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    yield Found(
                        folder, path, entry.is_file(follow_symlinks=False), partial(_scanned, path, entry)
                    )
                elif not closed(path):
                    folders.append(path)

    def open(self, path: bytes) -> OpenFile:
        """Through no link, and part by part, so that a path may be longer than the system's limit."""
        return open_below(self._root, path)

    def state(self, path: bytes) -> tuple[int, int]:
        """Of the file, or of the link."""
        status = os.lstat(os.path.join(self._root, path))
        return status.st_size, storable(status.st_mtime_ns)

    def is_there(self) -> bool:
        """Whether there is a folder."""
        return os.path.isdir(self._root)

    def _list(self, folder: bytes) -> Iterator[tuple[bytes, os.DirEntry[bytes]]]:
        prefix = folder + b"/" if folder else b""
        with os.scandir(os.path.join(self._root, folder) if folder else self._root) as entries:
            for entry in entries:
                yield prefix + entry.name, entry


def _scanned(path: bytes, entry: os.DirEntry[bytes]) -> ScannedFile:
    facts = entry.stat(follow_symlinks=False)
    return ScannedFile(path, facts.st_size, storable(facts.st_mtime_ns), storable(facts.st_ctime_ns))

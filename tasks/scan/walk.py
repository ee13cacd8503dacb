"""The walk through a root: one directory entry and one `lstat` a video, no file opened, no link followed."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Iterator, Sequence

from catalog_models.errors import RefusedError
from catalog_models.values import ScannedFile, Walk, storable, text_of

_TELL = 500  # files between two reports of progress
_VANISHED = (FileNotFoundError, NotADirectoryError)


class RootUnavailableError(RefusedError):
    """The root itself cannot be listed: it is missing, not mounted, or not ours to read."""

    code = "root_unavailable"


def excluder(patterns: Sequence[str]) -> Callable[[bytes], bool]:
    """A test for relative paths against shell patterns (`*` also matches `/`).

    A folder's own pattern (`Trash`) takes all that lies below it; so does one with a slash behind it, which in
    addition keeps the walk from entering the folder at all.
    """
    if not patterns:
        return lambda _path: False
    whole = "|".join(
        fnmatch.translate(pattern.rstrip("/")).removesuffix(r"\Z") + r"(?:/.*)?\Z" for pattern in patterns
    )
    expression = re.compile(os.fsencode(whole), re.DOTALL)
    return lambda path: expression.match(path) is not None


def walk(
    root: bytes,
    is_video: Callable[[bytes], bool],
    exclude: Sequence[str] = (),
    below: bytes = b"",
    on_progress: Callable[[int], None] = lambda _seen: None,
) -> Walk:
    """List the videos of `root`, or of its folder `below`; paths are relative to `root`.

    `is_video` sees the relative path. Everything else - other files, links, pipes, what a pattern excludes - is
    counted as ignored. Raises `RootUnavailableError` when the start itself cannot be listed; a folder deeper down
    that cannot is reported in `Walk.unreadable`.
    """
    videos: list[ScannedFile] = []
    unreadable: dict[bytes, str] = {}
    excluded = excluder(exclude)
    ignored = 0
    for folder, path, entry in _files(root, below, exclude, unreadable):
        if entry.is_file(follow_symlinks=False) and is_video(path) and not excluded(path):
            try:
                videos.append(_found(path, entry))
            except FileNotFoundError:
                continue  # deleted since it was listed
            except OSError as error:  # a path too long, a folder without x, a NAS that fails
                unreadable[folder] = error.strerror or str(error)
        else:
            ignored += 1
        if (len(videos) + ignored) % _TELL == 0:
            on_progress(len(videos) + ignored)
    on_progress(len(videos) + ignored)
    return Walk(tuple(videos), ignored, tuple(unreadable.items()))


def _files(
    root: bytes, below: bytes, exclude: Sequence[str], unreadable: dict[bytes, str]
) -> Iterator[tuple[bytes, bytes, os.DirEntry[bytes]]]:
    """Folder, path and entry of all that is no folder; notes the folders that cannot be listed."""
    closed = excluder([pattern for pattern in exclude if pattern.endswith("/")])
    folders = [below]
    while folders:
        folder = folders.pop()
        try:
            entries = list(_list(root, folder))
        except OSError as error:
            if folder == below:
                start = os.path.join(root, folder) if folder else root
                raise RootUnavailableError(_unavailable(start, error)) from error
            if not isinstance(error, _VANISHED):
                unreadable[folder] = error.strerror or str(error)
            continue
        for path, entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                yield folder, path, entry
            elif not closed(path):
                folders.append(path)


def _list(root: bytes, folder: bytes) -> Iterator[tuple[bytes, os.DirEntry[bytes]]]:
    prefix = folder + b"/" if folder else b""
    with os.scandir(os.path.join(root, folder) if folder else root) as entries:
        for entry in entries:
            yield prefix + entry.name, entry


def _found(path: bytes, entry: os.DirEntry[bytes]) -> ScannedFile:
    facts = entry.stat(follow_symlinks=False)
    return ScannedFile(path, facts.st_size, storable(facts.st_mtime_ns), storable(facts.st_ctime_ns))


def _unavailable(path: bytes, error: OSError) -> str:
    shown = text_of(path)
    if isinstance(error, FileNotFoundError):
        return f"there is no folder at {shown}: is the archive mounted?"
    if isinstance(error, NotADirectoryError):
        return f"{shown} is not a folder"
    return f"{shown} cannot be listed: {error.strerror or error}"

"""List the videos of a root from its storage, without opening a file."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Sequence

from catalog_models.errors import RefusedError
from catalog_models.values import ScannedFile, Walk, path_as_text
from orchestration.storage import Found, is_bucket, is_down, storage_at

# Files between two reports of progress.
_TELL = 500


class RootUnavailableError(RefusedError):
    """The root cannot be listed: it is missing, not mounted, or not readable."""

    code = "root_unavailable"


def excluder(patterns: Sequence[str]) -> Callable[[bytes], bool]:
    """Return a test of relative paths against shell patterns (`*` also matches `/`).

    A folder's own pattern (`Trash`) excludes everything below it. With a slash at its end, the walk does not
    even enter the folder.
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

    `is_video` takes the relative path. Other files, links, pipes and excluded paths count as ignored. Raise
    `RootUnavailableError` if the start cannot be listed. Deeper folders that cannot be listed are in
    `Walk.unreadable`.
    """
    videos: list[ScannedFile] = []
    unreadable: dict[bytes, str] = {}
    excluded = excluder(exclude)
    ignored = 0
    try:
        for found in storage_at(root).files(below, _closed(exclude), unreadable):
            if found.is_file and is_video(found.path) and not excluded(found.path):
                videos += _look(found, unreadable)
            else:
                ignored += 1
            if (len(videos) + ignored) % _TELL == 0:
                on_progress(len(videos) + ignored)
    except OSError as error:
        start = os.path.join(root, below) if below else root
        raise RootUnavailableError(_unavailable(start, error)) from error
    on_progress(len(videos) + ignored)
    return Walk(tuple(videos), ignored, tuple(unreadable.items()))


def expect_listable(start: bytes) -> None:
    """Raise `RootUnavailableError` unless the folder or bucket can be listed."""
    try:
        next(storage_at(start).files(b"", lambda _folder: False, {}), None)
    except OSError as error:
        raise RootUnavailableError(_unavailable(start, error)) from error


def _closed(exclude: Sequence[str]) -> Callable[[bytes], bool]:
    return excluder([pattern for pattern in exclude if pattern.endswith("/")])


def _look(found: Found, unreadable: dict[bytes, str]) -> list[ScannedFile]:
    try:
        return [found.look()]
    except FileNotFoundError:
        # It was deleted after it was listed; the root is checked at the end.
        pass
    # A path that is too long, or a folder without permission x.
    except OSError as error:
        if is_down(error):
            raise
        unreadable[found.folder] = error.strerror or str(error)
    return []


def _unavailable(path: bytes, error: OSError) -> str:
    shown = path_as_text(path)
    if is_bucket(path):
        return f"cannot list {shown}: {error.strerror or error}"
    if isinstance(error, FileNotFoundError):
        return f"there is no folder at {shown}: is the archive mounted?"
    if isinstance(error, NotADirectoryError):
        return f"{shown} is not a folder"
    return f"cannot list {shown}: {error.strerror or error}"

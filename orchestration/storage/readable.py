"""Check that a root can be read: list it, and read a byte of a file.

A listing alone proves little: in S3 it has its own permission, and follows a wrong region where reads do not.
"""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice

from orchestration.storage import Found, Storage, storage_at
from orchestration.storage.local_file import FileChangedError

# Bytes. Some servers misread a range of one byte.
_SOME = 16
# Files from which samples are taken: a page of a bucket's listing.
_LISTED = 1_000


Wanted = Callable[[bytes], bool]


class FilesUnreadableError(OSError):
    """The root can be listed, but none of the tried files could be read."""


def expect_readable(root: bytes, known: Iterable[bytes], wanted: Wanted) -> None:
    """Raise OSError unless the root can be listed, is not empty, and a byte of one of its files can be read.

    First the `known` files (relative paths) are tried, then some of the first listed files that are `wanted`.
    One readable file is enough: others may be forbidden, archived or damaged.
    """
    storage = storage_at(root)
    listing = storage.files(b"", lambda _folder: False, {})
    first = next(listing, None)
    if first is None:
        raise FileNotFoundError(errno.ENOENT, "it is empty")
    last: OSError | None = None
    for path in known:
        try:
            _read_some(storage, path)
        except (FileNotFoundError, FileChangedError):
            continue
        except OSError as error:
            last = error
        else:
            return
    if last is None:
        _expect_one_of(storage, [first, *islice(listing, _LISTED - 1)], wanted)
    else:
        raise _listed_only(last)


def _listed_only(error: OSError) -> FilesUnreadableError:
    return FilesUnreadableError(
        error.errno, f"it can be listed, but its files cannot be read: {error.strerror or error}"
    )


def expect_readable_within(seconds: float, root: bytes, known: Iterable[bytes], wanted: Wanted) -> None:
    """Do the same, and raise ETIMEDOUT after this many seconds. A hanging thread is abandoned."""
    came: list[OSError | None] = []

    def look() -> None:
        try:
            expect_readable(root, known, wanted)
        except OSError as error:
            came.append(error)
        else:
            came.append(None)

    thread = threading.Thread(target=look, name="root-check", daemon=True)
    thread.start()
    thread.join(seconds)
    if not came:
        raise TimeoutError(errno.ETIMEDOUT, f"it did not respond within {seconds:g} seconds")
    if came[0] is not None:
        raise came[0]


def _expect_one_of(storage: Storage, listed: list[Found], wanted: Wanted) -> None:
    files = [found for found in listed if found.is_file and wanted(found.path)]
    # Files of one folder may all be forbidden, so choose some that are far apart.
    chosen = dict.fromkeys(files[at].path for at in (0, -1, len(files) // 2) if files)
    last: OSError | None = None
    for path in chosen:
        try:
            _read_some(storage, path)
        except OSError as error:
            last = error
        except FileChangedError:
            return
        else:
            return
    if last is not None and not isinstance(last, FileNotFoundError):
        raise _listed_only(last)


def _read_some(storage: Storage, path: bytes) -> None:
    file = storage.open(path)
    with suppress(FileChangedError):
        try:
            file.read(0, min(_SOME, file.size))
        finally:
            file.close()

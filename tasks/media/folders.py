"""Folders of our own, for large files that are made under a temporary name, and known to a table by their ids."""

from __future__ import annotations

import logging
import os
import shutil
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path

from catalog_models.errors import RefusedError
from orchestration.storage import is_bucket

log = logging.getLogger(__name__)

PART = ".part"
"""What the name of a file in the making ends in."""

_SPARE = 0.05  # of a file system that is never filled: it slows down, and others write there, too
_YOUNG = 3_600.0  # seconds for which a file that no row knows may be one that somebody is about to note


class FolderUnusableError(RefusedError):
    """Nothing can be written there."""

    code = "folder_unusable"


def open_own_folder(folder: Path, own: bool, roots: Collection[bytes], setting: str, other: Path) -> None:
    """Make the folder ready that `setting` names; one of our `own`, below the home, is made at need. `roots` are those of the
    archive, which is never written; in an `other` folder of ours, its files would be taken for leftovers. Raises
    `FolderUnusableError`."""
    if own:
        _make(folder)
    if not folder.is_dir():
        raise FolderUnusableError(f"{folder} is not there: mount its disk, or correct {setting}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FolderUnusableError(f"{folder} cannot be written: give it to the account of the workers")
    inside = [os.fsdecode(root) for root in roots if is_inside(os.fsencode(os.path.realpath(folder)), root)]
    if inside:
        raise FolderUnusableError(
            f"{folder} lies in the archive {inside[0]}: set {setting} to a folder outside of it"
        )
    if os.path.realpath(folder) == os.path.realpath(other):
        raise FolderUnusableError(
            f"{folder} is the folder of the cache and of the renditions: set {setting} to one of its own"
        )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FolderUnusableError(
            f"{folder} cannot be made ({error.strerror}): see what is in its place"
        ) from error


def spare_room(folder: Path) -> int:
    """Bytes that may be written to its disk before it is too full."""
    disk = shutil.disk_usage(folder)
    return disk.free - int(_SPARE * disk.total)


def part_of(target: Path) -> Path:
    """Where a file is while it is made."""
    return target.with_name(target.name + PART)


def show_to_all(descriptor: int) -> None:
    """Readable whatever umask a worker has: nginx may be another account. Some file systems have no such thing."""
    with suppress(OSError):
        os.fchmod(descriptor, 0o644)


def publish(target: Path) -> None:
    """What was made gets its name, for good; what has it already keeps it."""
    if part_of(target).exists() or not target.exists():
        part_of(target).replace(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def discard(target: Path) -> bool:
    """A file of ours goes, made or in the making; a folder that somebody put in its place stays. False: it could not be
    removed, and the log says why."""
    part, whole = _unlink(part_of(target)), _unlink(target)
    return part and whole


def _unlink(path: Path) -> bool:
    try:
        path.unlink()
    except (FileNotFoundError, IsADirectoryError):
        return True
    except OSError as error:
        log.warning("%s cannot be removed: %s", path, error.strerror)
        return False
    return True


def sweep(folder: Path, known: Callable[[], Collection[uuid.UUID]]) -> int:
    """Remove what lies there, is named as our files are, and is none that the table knows of; how many that were. Nothing in
    folders: those are not ours.

    The table is asked last: what somebody begins meanwhile has its row before its file."""
    found = [Path(entry.path) for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False)]
    names = {str(key) for key in known()}
    strays = [path for path in found if path.name.removesuffix(PART) not in names and _is_ours(path)]
    return sum(map(_unlink, strays))


def spoiled(folder: Path, files: Mapping[uuid.UUID, tuple[int, int]]) -> list[uuid.UUID]:
    """Files that are not there, or not with this size (bytes) and change (whole seconds)."""
    return [key for key, expected in files.items() if _state(folder / str(key)) != expected]


def _state(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns // 1_000_000_000


def _is_ours(path: Path) -> bool:
    """Named as ours are, to the letter, and old enough that its row would be there."""
    name = path.name.removesuffix(PART)
    try:
        if str(uuid.UUID(name)) != name:
            return False
        return path.name.endswith(PART) or time.time() - path.lstat().st_ctime > _YOUNG
    except (ValueError, OSError):
        return False


def is_inside(folder: bytes, root: bytes) -> bool:
    """Whether an absolute path is another's, or lies below it."""
    return not is_bucket(root) and os.path.commonpath([folder, root]) == root

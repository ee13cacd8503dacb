"""Folders for large generated files, which are named by the id of their row."""

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
"""The suffix of a file that is being written."""

# The share of a file system that stays free: a full one is slow, and other programs also write there.
_SPARE = 0.05
# Seconds for which a file without a row may belong to a row that is about to be committed.
_YOUNG = 3_600.0


class FolderUnusableError(RefusedError):
    """Generated files cannot be written to this folder."""

    code = "folder_unusable"


def open_own_folder(folder: Path, own: bool, roots: Collection[bytes], setting: str, other: Path) -> None:
    """Prepare the folder that `setting` names. A folder below the home (`own`) is made if necessary.

    Raise `FolderUnusableError` if it cannot be written, or is in one of the `roots`, which are read-only. The
    same if it is the `other` folder of generated files, where its files would be removed as leftovers.
    """
    if own:
        _make(folder)
    if not folder.is_dir():
        raise FolderUnusableError(f"{folder} does not exist: mount its disk, or correct {setting}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FolderUnusableError(f"{folder} is not writable: make the account of the workers its owner")
    inside = [os.fsdecode(root) for root in roots if is_inside(os.fsencode(os.path.realpath(folder)), root)]
    if inside:
        raise FolderUnusableError(
            f"{folder} is in the archive {inside[0]}: set {setting} to a folder outside it"
        )
    if os.path.realpath(folder) == os.path.realpath(other):
        raise FolderUnusableError(
            f"{folder} is used for both the cache and the renditions: set {setting} to a separate folder"
        )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FolderUnusableError(
            f"{folder} cannot be made ({error.strerror}): check what is at this path"
        ) from error


def spare_room(folder: Path) -> int:
    """Return the bytes that may be written to its disk before it is too full."""
    disk = shutil.disk_usage(folder)
    return disk.free - int(_SPARE * disk.total)


def part_of(target: Path) -> Path:
    """Return the path of a file while it is being written."""
    return target.with_name(target.name + PART)


def show_to_all(descriptor: int) -> None:
    """Make a file readable for all, because nginx may use another account.

    Some file systems do not support this.
    """
    with suppress(OSError):
        os.fchmod(descriptor, 0o644)


def publish(target: Path) -> None:
    """Give a written file its final name durably; a file that has it already keeps it."""
    if part_of(target).exists() or not target.exists():
        part_of(target).replace(target)
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def discard(target: Path) -> bool:
    """Remove a generated file, finished or not. A folder in its place stays.

    Return False if the file could not be removed; the log has the reason.
    """
    part, whole = _unlink(part_of(target)), _unlink(target)
    return part and whole


def _unlink(path: Path) -> bool:
    try:
        path.unlink()
    except (FileNotFoundError, IsADirectoryError):
        return True
    except OSError as error:
        log.warning("cannot remove %s: %s", path, error.strerror)
        return False
    return True


def sweep(folder: Path, known: Callable[[], Collection[uuid.UUID]]) -> int:
    """Remove files that are named like ours but have no row. Return how many were removed.

    Folders are not ours and stay as they are. The table is read last, because a row is committed before its
    file is written.
    """
    found = [Path(entry.path) for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False)]
    names = {str(key) for key in known()}
    strays = [path for path in found if path.name.removesuffix(PART) not in names and _is_ours(path)]
    return sum(map(_unlink, strays))


def spoiled(folder: Path, files: Mapping[uuid.UUID, tuple[int, int]]) -> list[uuid.UUID]:
    """Return the files that are missing, or have another size (bytes) or time of change (whole seconds)."""
    return [key for key, expected in files.items() if _state(folder / str(key)) != expected]


def _state(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns // 1_000_000_000


def _is_ours(path: Path) -> bool:
    """Return whether a file is named exactly like ours, and old enough that its row is committed."""
    name = path.name.removesuffix(PART)
    try:
        if str(uuid.UUID(name)) != name:
            return False
        return path.name.endswith(PART) or time.time() - path.lstat().st_ctime > _YOUNG
    except (ValueError, OSError):
        return False


def is_inside(folder: bytes, root: bytes) -> bool:
    """Return whether an absolute path is `root`, or is below it."""
    return not is_bucket(root) and os.path.commonpath([folder, root]) == root

"""The cache folder: whether it can be used, how much it may hold, and what lies in it that nobody knows of."""

from __future__ import annotations

import os
import shutil
import time
import uuid
from collections.abc import Collection, Mapping
from pathlib import Path

from catalog_models.errors import RefusedError
from orchestration.storage import is_bucket
from tasks.promotion.copying import PART

_SPARE = 0.05  # of a file system that is never filled: it slows down, and others write there, too
_YOUNG = 3_600.0  # seconds for which a file that no row knows may be one that somebody is about to note
_NETWORK = frozenset(["nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "fuse.rclone", "9p", "ceph"])


class CacheUnusableError(RefusedError):
    """Nothing can be copied to the SSD; everything plays from the archive."""

    code = "cache_unusable"


def open_folder(folder: Path, own: bool, roots: Collection[bytes], budget: int | None) -> None:
    """Make the folder ready; one of our `own`, below the home, is made at need. Raises `CacheUnusableError`."""
    if budget == 0:
        raise CacheUnusableError(
            "the budget is 0: set WSOPTV_CACHE_BYTES to what copies may fill, like 800GB"
        )
    if own:
        folder.mkdir(parents=True, exist_ok=True)
    if not folder.is_dir():
        raise CacheUnusableError(f"{folder} is not there: mount the SSD, or correct WSOPTV_CACHE")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CacheUnusableError(f"{folder} cannot be written: give it to the account of the workers")
    inside = [os.fsdecode(root) for root in roots if _is_inside(os.fsencode(folder.resolve()), root)]
    if inside:
        raise CacheUnusableError(
            f"{folder} lies in the archive {inside[0]}: set WSOPTV_CACHE to a folder on an SSD of this machine"
        )
    if (kind := _file_system(folder)) in _NETWORK:
        raise CacheUnusableError(
            f"{folder} lies on a network file system ({kind}): set WSOPTV_CACHE to a folder on an SSD of this machine"
        )


def room_in(folder: Path, held: int, budget: int | None) -> int:
    """Bytes that copies may fill: the budget, or half of what is there for them, and never the last of the disk. `held`:
    what copies fill now."""
    disk = shutil.disk_usage(folder)
    most = max(0, held + disk.free - int(_SPARE * disk.total))
    return min(most, (held + disk.free) // 2 if budget is None else budget)


def strays(folder: Path, known: Collection[uuid.UUID]) -> list[Path]:
    """What lies there and is no copy that the table knows of. Nothing in folders: those are not ours."""
    names = {str(key) for key in known}
    found = [Path(entry.path) for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False)]
    return [path for path in found if path.name.removesuffix(PART) not in names and _is_ours(path)]


def spoiled(folder: Path, copies: Mapping[uuid.UUID, tuple[int, int]]) -> list[uuid.UUID]:
    """Copies that are not there, or not with this size (bytes) and change (whole seconds)."""
    return [key for key, expected in copies.items() if _state(folder / str(key)) != expected]


def _state(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns // 1_000_000_000


def _is_ours(path: Path) -> bool:
    """Named as copies are, and old enough that its row would be there."""
    try:
        uuid.UUID(path.name.removesuffix(PART))
        return path.name.endswith(PART) or time.time() - path.lstat().st_ctime > _YOUNG
    except (ValueError, OSError):
        return False


def _is_inside(folder: bytes, root: bytes) -> bool:
    return not is_bucket(root) and os.path.commonpath([folder, root]) == root


def _file_system(folder: Path) -> str:
    """The kind of file system, by the longest mount point above (proc(5), mounts)."""
    device, best, kind = os.fsencode(folder.resolve()), b"", b""
    for line in Path("/proc/self/mounts").read_bytes().splitlines():
        _, point, found, *_ = line.split(b" ")
        point = point.replace(b"\\040", b" ")
        if len(point) >= len(best) and _is_inside(device, point):
            best, kind = point, found
    return kind.decode()

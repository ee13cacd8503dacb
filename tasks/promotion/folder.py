"""The cache folder: check that it can be used, and compute how much it may hold."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection
from pathlib import Path

from catalog_models.errors import RefusedError
from tasks.media.folders import FolderUnusableError, is_inside, open_own_folder, spare_room

_NETWORK = frozenset(
    ["nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "ceph", "glusterfs", "lustre", "beegfs", "gpfs"]
)
_NETWORK_FUSE = re.compile(r"fuse\..*(sshfs|rclone|gluster|ceph|s3|gcs|goofys|juicefs|webdav)", re.IGNORECASE)


class CacheUnusableError(RefusedError):
    """The SSD cannot be used for copies; all titles play from the archive."""

    code = "cache_unusable"


def refuse_nothing(budget: int | None, done: str = "") -> None:
    """Raise `CacheUnusableError` if the budget is 0; `done` is what was done before."""
    if budget == 0:
        raise CacheUnusableError(
            f"the budget is 0{f' ({done})' if done else ''}: set WSOPTV_CACHE_BYTES to the space for copies, such as 800GB"
        )


def open_folder(folder: Path, own: bool, roots: Collection[bytes], renditions: Path) -> None:
    """Prepare the folder; it is made if necessary when it is below the home (`own`).

    Raise `CacheUnusableError`, also if it is the folder of the `renditions`.
    """
    try:
        open_own_folder(folder, own, roots, "WSOPTV_CACHE", renditions)
    except FolderUnusableError as error:
        raise CacheUnusableError(str(error)) from error
    _, kind = mount_of(folder)
    if kind in _NETWORK or _NETWORK_FUSE.match(kind):
        raise CacheUnusableError(
            f"{folder} is on a network file system ({kind}): set WSOPTV_CACHE to a folder on an SSD of this machine"
        )


def room_in(folder: Path, held: int, budget: int | None) -> int:
    """Return the bytes that copies may fill: the budget, or half of the space, never the last of the disk.

    `held`: bytes of the current copies.
    """
    most = max(0, held + spare_room(folder))
    return min(most, (held + shutil.disk_usage(folder).free) // 2 if budget is None else budget)


def budget_of(folder: Path, held: int, budget: int | None) -> int | None:
    """Return what `room_in` returns; None if the folder cannot be read."""
    try:
        return room_in(folder, held, budget)
    except OSError:
        return None


def mount_of(folder: Path) -> tuple[Path, str]:
    """Return the mount point of a folder, and the type of its file system (proc(5), mounts)."""
    device, best, kind = os.fsencode(folder.resolve()), b"", b""
    for line in Path("/proc/self/mounts").read_bytes().splitlines():
        _, point, found, *_ = line.split(b" ")
        point = point.replace(b"\\040", b" ")
        if len(point) >= len(best) and is_inside(device, point):
            best, kind = point, found
    return Path(os.fsdecode(best)), kind.decode()

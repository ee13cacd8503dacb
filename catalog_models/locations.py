"""Locations of roots and folders, in the file system's bytes. Pure."""

from __future__ import annotations

import os


def absolute(path: str | bytes | os.PathLike[str]) -> bytes:
    """Return the location that identifies a root: an absolute path without links, or `s3://bucket/prefix`."""
    name = os.fsencode(path)
    if name.startswith(b"s3://"):
        return b"s3://" + b"/".join(part for part in name[5:].split(b"/") if part)
    return os.path.realpath(name)


def path_below(root: bytes, location: bytes) -> bytes | None:
    """Return the path of a location below a root, empty for the root itself; None outside of it.

    Whole folder names are compared: `/mnt/nas2` does not lie in `/mnt/nas`.
    """
    if location == root:
        return b""
    start = root if root.endswith(b"/") else root + b"/"
    return location[len(start) :] if location.startswith(start) else None

"""The check of the folders and buckets that a run may read if it was started from outside this machine."""

from __future__ import annotations

import os
from collections.abc import Iterable

from catalog_models.locations import absolute, path_below
from orchestration.storage import is_bucket


def is_allowed(location: str, roots: Iterable[str | bytes]) -> bool:
    """Return whether a location is one of these roots or lies in one. Symbolic links in both are resolved.

    This touches the file system, which may block. A relative path is not allowed. Neither is a bucket
    location with `.` or `..` in it, which S3 takes literally and some clients do not.
    """
    name = os.fsencode(location)
    if b"\0" in name or not (os.path.isabs(name) or is_bucket(name)):
        return False
    if is_bucket(name) and {b".", b".."} & set(name.split(b"/")):
        return False
    place = absolute(name)
    return any(_contains(absolute(root), place) for root in roots)


def _contains(root: bytes, place: bytes) -> bool:
    """Compare whole folder names: `/mnt/nas2` does not lie in `/mnt/nas`. A bare `s3://` contains nothing."""
    if is_bucket(root) != is_bucket(place) or root == b"s3://":
        return False
    return path_below(root, place) is not None

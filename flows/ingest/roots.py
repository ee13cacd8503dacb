"""The roots that a run scans, those that it refuses, and the scope of a run over known files."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy.orm import Session

from catalog_models.errors import RefusedError
from catalog_models.locations import absolute
from catalog_models.reads.roots import root_of
from catalog_models.scope import Scope
from orchestration.allowed_roots import is_allowed
from orchestration.settings import Settings


class NoRootError(RefusedError):
    """No folder was named, or an unknown one."""

    code = "no_root"


class RootNotAllowedError(RefusedError):
    """A folder or bucket is outside the roots that this worker may read."""

    code = "root_not_allowed"


class HomeInArchiveError(RefusedError):
    """The home is inside the archive, which must not be written."""

    code = "home_in_archive"


def roots_of(root: str | None, settings: Settings) -> list[str]:
    """Return the folders and buckets that a run scans. Raise `NoRootError`."""
    if not root and not settings.archives:
        raise NoRootError(
            "name a root in the run's parameters, or set NAS_MOUNT_PATH or AWS_S3_BUCKET where the worker starts"
        )
    if root and not (os.path.isabs(root) or root.startswith("s3://")):
        raise NoRootError(
            f"{root} is neither an absolute path nor s3://bucket: a worker cannot resolve a relative path"
        )
    return [root] if root else list(settings.archives)


def expect_allowed(root: str | None, settings: Settings) -> None:
    """Raise `RootNotAllowedError` if `WSOPTV_ROOTS` is set and the run's root is outside it.

    The API checks the roots of runs that it starts, but symbolic links may differ on the worker's host.
    """
    if root and settings.roots and not is_allowed(root, settings.roots):
        raise RootNotAllowedError(
            f"{root} is outside WSOPTV_ROOTS ({', '.join(settings.roots)}): add it there, on the worker's host"
        )


def scope_of(session: Session, root: str | None) -> Scope | None:
    """Return the scope of a folder that was ingested before, None for all roots. Raise `NoRootError`."""
    if root is None:
        return None
    known = root_of(session, absolute(root))
    if known is None:
        raise NoRootError(
            f"{root} was never ingested, nor was a root that contains it: run `ingest-archive` on it"
        )
    return Scope(known.root_id, known.below)


def refuse_home_inside(folder: bytes, home: Path) -> None:
    """Raise `HomeInArchiveError` if the home is inside the archive's `folder` (absolute, no links)."""
    inside = os.path.realpath(os.fsencode(home))
    if inside == folder or inside.startswith(folder.rstrip(b"/") + b"/"):
        raise HomeInArchiveError(
            f"the home {os.fsdecode(inside)} is inside {os.fsdecode(folder)}, which must not be written: set "
            "WSOPTV_HOME to a folder outside"
        )

"""Checks of the archive's roots, and of the folders for copies and renditions."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.exc import SQLAlchemyError

from catalog_models.engine import make_engine
from catalog_models.errors import ExpectedError
from catalog_models.tables import CachedFile, Root
from catalog_models.values import path_as_text
from deployments.doctor.check import Check
from orchestration.settings import Settings
from orchestration.storage import is_bucket
from orchestration.storage.readable import expect_readable_within
from tasks.titles import is_video_path

# Seconds for a root: disks of a NAS spin up, and S3 clients retry.
_ROOT_SECONDS = 30.0


def check_root(name: str, root: bytes) -> Check:
    """List a root and read a byte of a video: S3 has separate permissions for these."""
    shown = path_as_text(root)
    try:
        expect_readable_within(_ROOT_SECONDS, root, (), lambda path: is_video_path(path_as_text(path)))
    except OSError as error:
        mend = _bucket_remedy(error) if is_bucket(root) else "mount the archive, or correct the path"
        return Check(name, False, f"{shown}: {error.strerror or error}", mend)
    return Check(name, True, shown)


def _bucket_remedy(error: OSError) -> str:
    match error.errno:
        case errno.EKEYREJECTED:
            return "correct or renew the credentials (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN)"
        case errno.EACCES:
            return "grant these credentials s3:ListBucket on the bucket and s3:GetObject on its objects"
        case errno.EREMOTEIO | errno.ETIMEDOUT:
            return "correct AWS_ENDPOINT_URL or AWS_REGION, or wait until the endpoint works again"
    return "correct AWS_S3_BUCKET or AWS_ENDPOINT_URL"


def check_known_roots(url: str) -> list[Check]:
    """Check all roots of the catalogue."""
    try:
        paths = _known_roots(url)
    except SQLAlchemyError:
        # The check of PostgreSQL reports this.
        return []
    return [check_root("archive", path) for path in paths]


def check_cache(url: str, settings: Settings) -> Check:
    """Check the folder for copies on the SSD."""
    from tasks.promotion.folder import open_folder, refuse_nothing, room_in

    roots, held = _known_roots(url), _copied_bytes(url)
    folder = settings.cache_folder
    try:
        refuse_nothing(settings.cache_bytes)
        open_folder(folder, settings.cache is None, roots, settings.renditions_folder)
        room = room_in(folder, held, settings.cache_bytes)
    except (ExpectedError, OSError) as error:
        what, _, mend = str(error).partition(": ")
        return Check(
            "cache", False, what, mend or "correct WSOPTV_CACHE; all titles play from the archive meanwhile"
        )
    if room <= 0:
        return Check("cache", False, f"{folder} has no room for copies", "free some space on its disk")
    return Check("cache", True, f"{folder}, room for {room / 2**30:.1f} GiB of hot titles")


def check_renditions(url: str, settings: Settings) -> Check:
    """Check the folder for renditions."""
    from tasks.media.folders import open_own_folder, spare_room

    folder = settings.renditions_folder
    try:
        own, roots = settings.renditions is None, _known_roots(url)
        open_own_folder(folder, own, roots, "WSOPTV_RENDITIONS", settings.cache_folder)
        room = spare_room(folder)
    except (ExpectedError, OSError) as error:
        what, _, mend = str(error).partition(": ")
        return Check("renditions", False, what, mend or "correct WSOPTV_RENDITIONS")
    return Check("renditions", True, f"{folder}, room for {max(0, room) / 2**30:.1f} GiB")


def _known_roots(url: str) -> list[bytes]:
    """Return the roots of the catalogue."""
    return list(_scalars(url, select(Root.path).order_by(Root.path)))


def _copied_bytes(url: str) -> int:
    """Return the bytes of all copies on the SSD."""
    return int(_scalars(url, select(func.coalesce(func.sum(CachedFile.size), 0)))[0])


def _scalars(url: str, query: Select[Any]) -> Sequence[Any]:
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return connection.scalars(query).all()
    finally:
        engine.dispose()

"""Make the cache folder and its table agree: after a kill, and after changes by hand."""

from __future__ import annotations

import os
import uuid
from collections.abc import Collection
from pathlib import Path

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from catalog_models.errors import LossRefusedError
from catalog_models.reads.copies import CURRENT_COPY
from catalog_models.reads.renditions import CURRENT_RENDITION
from catalog_models.tables import CachedFile, MediaFile, Rendition
from catalog_models.writes import cached_files
from flows.job.claims import dead_owners
from flows.job.context import JobContext
from tasks.media.folders import discard, spoiled, sweep
from tasks.promotion.folder import mount_of
from tasks.scan.compare import is_plausible_loss


class CopiesGoneError(LossRefusedError):
    """More copies are missing than are usually deleted: the SSD may not be mounted."""

    code = "copies_gone"


def reconcile(context: JobContext, *, accept_missing: bool = False) -> int:
    """Forget bad copies, and remove files without a row. Return the number of both.

    Copies are bad that are missing, were changed, were never finished, or whose source files have changed. A
    copy that cannot be removed keeps its room. Raise the errors of `bad_copies`.
    """
    folder, every = context.settings.cache_folder, select(CachedFile.id)
    bad = context.transactions.in_session(bad_copies, folder, accept_missing)
    gone = [key for key in bad if discard(folder / str(key))]
    context.transactions.in_session(cached_files.remove, gone)
    strays = sweep(folder, lambda: context.transactions.run(lambda work: list(work.session.scalars(every))))
    return len(gone) + strays


def bad_copies(session: Session, folder: Path, accept_missing: bool) -> list[uuid.UUID]:
    """Return the copies to forget.

    Raise `CopiesGoneError` if many are missing, unless `accept_missing`: if the SSD is not mounted, copying
    them again would fill the disk below.
    """
    ready = session.execute(
        select(CachedFile.id, CachedFile.size, CachedFile.mtime_ns, CachedFile.reason).where(
            CachedFile.state == "ready"
        )
    ).all()
    gone = spoiled(folder, {key: (size, mtime_ns // 1_000_000_000) for key, size, mtime_ns, _ in ready})
    mounts = {str(reason.get("mount", "")) for key, _, _, reason in ready if key in gone}
    unmounted = any(_is_away(folder, Path(mount)) for mount in mounts if mount)
    if not accept_missing and (unmounted or not is_plausible_loss(len(gone), len(ready))):
        raise CopiesGoneError(
            f"{len(gone):,} of {len(ready):,} copies are missing from {folder}: is the SSD mounted?"
        )
    return list({*gone, *session.scalars(_abandoned(dead_owners(session, CachedFile.owner)))})


def _is_away(folder: Path, mount: Path) -> bool:
    """Return whether the folder was on this mount, and is now on the disk below."""
    now, real = mount_of(folder)[0], Path(os.path.realpath(folder))
    return real.is_relative_to(mount) and now != mount and mount.is_relative_to(now)


def _abandoned(dead: Collection[str]) -> Select[tuple[uuid.UUID]]:
    """Select copies whose process died while it copied or evicted them, and those of changed files.

    A copy of a rendition stays while its file waits to be read again: the content may prove to be the same.
    """
    over = or_(CachedFile.claimed_until < func.now(), CachedFile.owner.in_(dead))
    died = (CachedFile.state != "ready") & over
    known = or_(MediaFile.metadata_at.is_not(None), ~_has_rendition())
    changed = (CachedFile.state == "ready") & or_(~CURRENT_COPY & known, MediaFile.missing_since.is_not(None))
    files = (
        select(CachedFile.id)
        .join(MediaFile, MediaFile.id == CachedFile.media_file_id)
        .outerjoin(Rendition, CURRENT_RENDITION)
    )
    return files.where(or_(died, changed))


def _has_rendition() -> ColumnElement[bool]:
    made = aliased(Rendition, name="made")
    return select(made.id).where(made.media_file_id == MediaFile.id, made.state == "ready").exists()

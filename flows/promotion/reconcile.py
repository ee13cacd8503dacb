"""Folder and table of the cache are made to agree: after deaths, and after somebody's hand."""

from __future__ import annotations

import os
import uuid
from collections.abc import Collection
from pathlib import Path

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from catalog_models.archive import MediaFile
from catalog_models.cached import CachedFile
from catalog_models.errors import LossRefusedError
from catalog_models.renditions import STANDS, Rendition
from catalog_models.writes import cached_files
from catalog_models.writes.cached_files import AS_PLAYED
from flows.job.claims import the_dead
from flows.job.context import JobContext
from tasks.media.folders import discard, spoiled, sweep
from tasks.promotion.folder import mount_of
from tasks.scan.compare import is_plausible_loss


class CopiesGoneError(LossRefusedError):
    """More are gone than people delete: the SSD may be away."""

    code = "copies_gone"


def reconcile(place: JobContext, folder: Path, *, accept_missing: bool = False) -> int:
    """Forget copies that are gone, were changed, were never finished or are of files that are others now; remove files that
    no row knows. Answers how many that were. What cannot be removed keeps its room.

    Raises `CopiesGoneError` where many are gone and nobody said that this is so (`accept_missing`): copying them anew would
    fill the disk under an SSD that is not mounted."""
    bad = place.transactions.run(lambda work: bad_copies(work.session, folder, accept_missing))
    gone = [key for key in bad if discard(folder / str(key))]
    place.transactions.run(lambda work: cached_files.remove(work.session, gone))
    every = select(CachedFile.id)
    return len(gone) + sweep(
        folder, lambda: place.transactions.run(lambda work: list(work.session.scalars(every)))
    )


def bad_copies(session: Session, folder: Path, accept_missing: bool) -> list[uuid.UUID]:
    """Those whose rows are to go. Raises as `reconcile`."""
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
            f"{len(gone):,} of {len(ready):,} copies are not in {folder}: is the SSD mounted?"
        )
    return list({*gone, *session.scalars(_abandoned(the_dead(session, CachedFile.owner)))})


def _is_away(folder: Path, mount: Path) -> bool:
    """Whether the folder lay on what was mounted there, and does no more: it lies on what is below."""
    now, place = mount_of(folder)[0], Path(os.path.realpath(folder))
    return place.is_relative_to(mount) and now != mount and mount.is_relative_to(now)


def _abandoned(dead: Collection[str]) -> Select[tuple[uuid.UUID]]:
    """Copies whose maker has died, that were leaving when theirs did, or whose file is another one now.

    Not of a rendition whose file merely waits to be read again: it may turn out to be the same."""
    over = or_(CachedFile.claimed_until < func.now(), CachedFile.owner.in_(dead))
    died = (CachedFile.state != "ready") & over
    known = or_(MediaFile.metadata_at.is_not(None), ~_has_rendition())
    changed = (CachedFile.state == "ready") & or_(~AS_PLAYED & known, MediaFile.missing_since.is_not(None))
    files = (
        select(CachedFile.id)
        .join(MediaFile, MediaFile.id == CachedFile.media_file_id)
        .outerjoin(Rendition, STANDS)
    )
    return files.where(or_(died, changed))


def _has_rendition() -> ColumnElement[bool]:
    made = aliased(Rendition, name="made")
    return select(made.id).where(made.media_file_id == MediaFile.id, made.state == "ready").exists()

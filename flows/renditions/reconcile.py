"""Make the folder of renditions and its table agree: after a kill, changes by hand, and changes of files."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from pathlib import Path

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from catalog_models.errors import LossRefusedError
from catalog_models.reads.renditions import CURRENT_RENDITION
from catalog_models.tables import MediaFile, Rendition
from catalog_models.writes import renditions
from flows.job.claims import dead_owners
from flows.job.context import JobContext
from orchestration.transactions import Transaction
from tasks.catalogue.regroup import regroup
from tasks.media.folders import discard, spoiled, sweep
from tasks.scan.compare import is_plausible_loss


class RenditionsGoneError(LossRefusedError):
    """More renditions are missing than are usually deleted: their disk may not be mounted."""

    code = "renditions_gone"


def reconcile(context: JobContext, *, accept_missing: bool = False) -> int:
    """Forget bad renditions, and remove files without a row. Return the number of both.

    Renditions are bad that are missing, were changed, were never finished, or whose files have changed.
    Titles that relied on one become unplayable until they get another. Raise the errors of `bad_renditions`.
    """
    folder, every = context.settings.renditions_folder, select(Rendition.id)
    bad = context.transactions.in_session(bad_renditions, folder, accept_missing)
    if bad:
        context.transactions.run(forget, bad)
    for key in bad:
        discard(folder / str(key))
    strays = sweep(folder, lambda: context.transactions.run(lambda work: list(work.session.scalars(every))))
    return len(bad) + strays


def regroup_files(work: Transaction, file_ids: Collection[uuid.UUID]) -> bool:
    """Choose again what plays the titles of these files. Return True."""
    files = work.session.scalars(select(MediaFile).where(MediaFile.id.in_(file_ids))).all()
    work.announce(*regroup(work.session, files))
    return True


def bad_renditions(session: Session, folder: Path, accept_missing: bool) -> list[uuid.UUID]:
    """Return the renditions to forget.

    Raise `RenditionsGoneError` if many are missing, unless `accept_missing`.
    """
    ready = session.execute(
        select(Rendition.id, Rendition.size, Rendition.mtime_ns).where(Rendition.state == "ready")
    ).all()
    there = {key: (size, (mtime_ns or 0) // 1_000_000_000) for key, size, mtime_ns in ready}
    gone = spoiled(folder, there)
    all_gone = len(gone) == len(there) > 1
    if not accept_missing and (all_gone or not is_plausible_loss(len(gone), len(there))):
        raise RenditionsGoneError(
            f"{len(gone):,} of {len(there):,} renditions are missing from {folder}: is its disk mounted, and is "
            "WSOPTV_RENDITIONS right?"
        )
    over = or_(
        Rendition.claimed_until < func.now(), Rendition.owner.in_(dead_owners(session, Rendition.owner))
    )
    died = (Rendition.state == "making") & over
    # A file that waits to be read again may prove to be the same.
    past = (
        (Rendition.state != "making")
        & MediaFile.metadata_at.is_not(None)
        & (MediaFile.fingerprint != Rendition.source)
    )
    others = select(Rendition.id).join(MediaFile, MediaFile.id == Rendition.media_file_id)
    return list({*gone, *session.scalars(others.where(died | past))})


def forget(work: Transaction, bad: Collection[uuid.UUID]) -> None:
    """Remove the rows of renditions, and choose again what plays their titles."""
    played = select(MediaFile.id).join(Rendition, CURRENT_RENDITION).where(Rendition.id.in_(bad))
    files = list(work.session.scalars(played))
    renditions.remove(work.session, bad)
    regroup_files(work, files)

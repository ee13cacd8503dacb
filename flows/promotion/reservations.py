"""The step `reserve-room`: reserve room on the SSD, by a row with a lease for each copy to be made."""

from __future__ import annotations

import os
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog_models.reads.renditions import played_path
from catalog_models.tables import CachedFile, Reservation
from catalog_models.values import Claim, format_bytes, path_as_text
from catalog_models.writes import cached_files
from flows.job.claims import kept
from flows.job.context import JobContext
from flows.job.steps import StepResult, step
from tasks.media.folders import discard
from tasks.promotion.folder import mount_of, room_in
from tasks.promotion.policy import Decision


@dataclass(frozen=True)
class TitleCopy:
    """The copy of one title, from plan to player.

    `id`: of the copy. `budget`: bytes that all copies may fill. `reserved`: its room. `ctime_ns`: of its file
    before it was copied; None in a bucket. `seconds`: the time for copying and verifying. `failure`: why it
    was not made.
    """

    id: uuid.UUID
    title: Decision
    budget: int
    reserved: Reservation | None = None
    ctime_ns: int | None = None
    seconds: float = 0.0
    failure: str = ""

    @property
    def label(self) -> str:
        return f"{self.title.name} ({format_bytes(self.title.size)})"


@dataclass(frozen=True, kw_only=True)
class CopyResult(StepResult):
    """The result of the steps of one title."""

    copy: TitleCopy

    @property
    def label(self) -> str:
        return self.copy.label


@dataclass(frozen=True, kw_only=True)
class RoomReserved(CopyResult):
    """A title that has room on the SSD, unless there was none."""


@step("reserve-room", "reserve", tag="ssd", retries=0)
def reserve_room(context: JobContext, copy: TitleCopy) -> RoomReserved:
    """Reserve room on the SSD for one copy, within the budget."""
    folder = context.settings.cache_folder
    why = {"why": copy.title.why, "mount": path_as_text(os.fsencode(mount_of(folder)[0]))}
    claim = Claim(copy.id, context.owner, context.settings.lease)

    def reserve(session: Session) -> Reservation | None:
        budget = min(copy.budget, budget_now(session, context))
        return cached_files.reserve(session, copy.title.id, claim, why, budget)

    reserved = context.transactions.in_session(reserve)
    if reserved is None:
        failed = replace(copy, failure="another run is copying it, or its room is taken")
        return RoomReserved(copy=failed, did=f"no room for {copy.title.name}", problems=failed.failure)
    done = f"{format_bytes(reserved.size)} for {copy.title.name}"
    return RoomReserved(copy=replace(copy, reserved=reserved), did=done)


def budget_now(session: Session, context: JobContext, freed: int = 0) -> int:
    """Return the bytes that copies may fill now.

    Other programs also fill the disk; `freed` more bytes count as free.
    """
    ready = select(func.coalesce(func.sum(CachedFile.size), 0)).where(CachedFile.state == "ready")
    held = int(session.scalar(ready) or 0) + freed
    return room_in(context.settings.cache_folder, held, context.settings.cache_bytes)


@contextmanager
def reservations_kept(context: JobContext, copies: Collection[TitleCopy]) -> Iterator[None]:
    """Renew the leases of this run until the block ends, then free the room of unfinished copies."""
    lease = context.settings.lease
    with kept(context.transactions, lease, lambda session: cached_files.renew(session, context.owner, lease)):
        try:
            yield
        finally:
            _free_unfinished(context, [copy.id for copy in copies])


def _free_unfinished(context: JobContext, copy_ids: Collection[uuid.UUID]) -> None:
    if copy_ids:
        unfinished = select(CachedFile.id).where(CachedFile.id.in_(copy_ids), CachedFile.state == "copying")
        for copy_id in context.transactions.run(lambda work: list(work.session.scalars(unfinished))):
            free_room(context, copy_id)


def free_room(context: JobContext, copy_id: uuid.UUID) -> bool:
    """Remove a copy and its row.

    A copy that cannot be removed keeps its room until the next run removes it.
    """
    if not discard(path_of(context, copy_id)):
        return False
    context.transactions.in_session(cached_files.remove, [copy_id])
    return True


def path_of(context: JobContext, copy_id: uuid.UUID) -> Path:
    """Return the path of a copy."""
    return context.settings.cache_folder / str(copy_id)


def location_of(context: JobContext, file_id: uuid.UUID) -> tuple[bytes, bytes]:
    """Return root and path of what plays for a file: its rendition, or the file itself."""
    renditions = context.settings.renditions_folder
    return context.transactions.in_session(played_path, file_id, renditions)


def root_is_down(context: JobContext, copy: TitleCopy) -> bool:
    """Return whether the title has to wait: the root of its file went down during this run."""
    down = context.outages.roots
    return bool(down) and location_of(context, copy.title.id)[0] in down

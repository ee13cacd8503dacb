"""The steps `copy-title` and `play-copy`: copy a file to the SSD, and play the complete copy."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace

from catalog_models.tables import Reservation
from catalog_models.values import format_bytes, storable
from catalog_models.writes import cached_files
from flows.job.context import JobContext
from flows.job.result_table import speed
from flows.job.steps import step
from flows.promotion.reservations import CopyResult, RoomReserved, TitleCopy, free_room, location_of, path_of
from orchestration.storage import is_bucket
from tasks.media.folders import publish
from tasks.media.source_protocol import SourceChangedError, SourceGoneError
from tasks.promotion.file_copy import CopyFailedError, copy_file

STAGE = "copy"

_MIB = 1 << 20
_FAILURES = (CopyFailedError, SourceChangedError, SourceGoneError)


@dataclass(frozen=True, kw_only=True)
class FileCopied(CopyResult):
    """A title whose copy is complete, under a temporary name, unless copying failed."""


@dataclass(frozen=True, kw_only=True)
class CopyPlayed(CopyResult):
    """A title that plays from the SSD, unless that failed."""


@step("copy-title", STAGE, tag="ssd", retries=0)
def copy_title(context: JobContext, given: RoomReserved) -> FileCopied:
    """Copy one file under a temporary name, and verify the copy."""
    copy, reserved = given.copy, given.copy.reserved
    if reserved is None:
        return FileCopied(copy=copy, did=_skipped(copy))
    began = time.monotonic()
    try:
        ctime_ns = _copy(context, reserved)
    except _FAILURES as error:
        failed = _given_up(context, copy, error)
        return FileCopied(copy=failed, did=f"{copy.title.name} failed", problems=failed.failure)
    seconds = time.monotonic() - began
    made = replace(copy, ctime_ns=ctime_ns, seconds=round(seconds, 3))
    done = f"{copy.title.name}, {format_bytes(reserved.size)} at {speed(reserved.size, seconds)}"
    return FileCopied(copy=made, did=done)


@step("play-copy", "play", tag="ssd", retries=0)
def play_copy(context: JobContext, given: FileCopied) -> CopyPlayed:
    """Give the copy its name, and play it from now on."""
    copy = given.copy
    if copy.failure:
        return CopyPlayed(copy=copy, did=_skipped(copy))
    try:
        _publish(context, copy)
    except CopyFailedError as error:
        failed = _given_up(context, copy, error)
        return CopyPlayed(copy=failed, did=f"{copy.title.name} failed", problems=failed.failure)
    return CopyPlayed(copy=copy, did=f"{copy.title.name} plays from the SSD")


def _skipped(copy: TitleCopy) -> str:
    return f"{copy.title.name} skipped: it was not copied"


def _copy(context: JobContext, reserved: Reservation) -> int | None:
    """Copy the file. Return its ctime from before the copy, or None for a file in a bucket."""
    root, path = location_of(context, reserved.file_id)
    copied = 0

    def advance(count: int) -> None:
        nonlocal copied
        units = progress_units(copied + count) - progress_units(copied)
        copied += count
        # Raises if the run was cancelled.
        context.advance(STAGE, units)

    source = os.path.join(root, path)
    ctime_ns = None if is_bucket(root) else _ctime_ns(source)
    target, rate = path_of(context, reserved.id), context.settings.copy_rate
    copy_file(source, reserved.size, reserved.mtime_ns, target, advance, rate)
    return ctime_ns


def _ctime_ns(path: bytes) -> int | None:
    try:
        return storable(os.stat(path).st_ctime_ns)
    except OSError:
        # The copy itself will report the error.
        return None


def _publish(context: JobContext, copy: TitleCopy) -> None:
    try:
        publish(path_of(context, copy.id))
    except OSError as error:
        # The copy was removed, or the disk fails.
        raise CopyFailedError(f"the copy could not be renamed: {error.strerror}") from error
    _flip(context, copy)


def _flip(context: JobContext, copy: TitleCopy) -> None:
    if not context.transactions.in_session(cached_files.publish, copy.id, copy.ctime_ns):
        raise CopyFailedError("the file changed, or left the catalogue, while it was copied")


def _given_up(context: JobContext, copy: TitleCopy, error: Exception) -> TitleCopy:
    """Free the room of a copy that failed, and note why. The root of its file may be the reason."""
    if isinstance(error, SourceGoneError) or isinstance(error.__cause__, OSError):
        context.outages.explain(*location_of(context, copy.title.id), error.__cause__)
    free_room(context, copy.id)
    context.progress.warn(f"{copy.title.name} was not copied: {error}")
    return replace(copy, failure=str(error))


def progress_units(size: int) -> int:
    """Return the whole MiB of a size in bytes, as progress counts them."""
    return size // _MIB

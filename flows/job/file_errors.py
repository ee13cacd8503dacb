"""What an error means for the file that it came from, and how to say it."""

from __future__ import annotations

import errno

from flows.job.outages import OutagePassedError, RootDownError
from tasks.media.medium import SourceChangedError, SourceGoneError
from tasks.media.pool import CrashError, DeadlineError
from tasks.thumbnails.pictures import UndecodableError

LEFT_FOR_NEXT_RUN = (SourceChangedError, SourceGoneError)
OF_THE_ROOT = (RootDownError, OutagePassedError)


def is_full(error: BaseException | None) -> bool:
    """Whether there was no room to write to."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def gave_up_on(error: BaseException | None) -> bool:
    """Whether the file becomes a dead letter."""
    passing = (*LEFT_FOR_NEXT_RUN, *OF_THE_ROOT, UndecodableError)
    return error is not None and not isinstance(error, passing) and not is_full(error)


def words(error: BaseException | None) -> str:
    """An error for people; one of the system's or of a library's own says what kind it is."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    said = isinstance(
        error, DeadlineError | CrashError | SourceChangedError | SourceGoneError | RootDownError
    )
    return str(error) if said else f"{type(error).__name__}: {error}"

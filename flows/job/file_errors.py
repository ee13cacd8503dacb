"""The meaning of an error for its file, and its message for users."""

from __future__ import annotations

import errno

from flows.job.outages import OutagePassedError, RootDownError
from tasks.media.pool import CrashError, DeadlineError
from tasks.media.source_protocol import SourceChangedError, SourceGoneError
from tasks.thumbnails.generator import UndecodableError

LEFT_FOR_NEXT_RUN = (SourceChangedError, SourceGoneError)
OF_THE_ROOT = (RootDownError, OutagePassedError)


def is_full(error: BaseException | None) -> bool:
    """Return whether the disk was full."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def gave_up_on(error: BaseException | None) -> bool:
    """Return whether the file becomes a dead letter."""
    passing = (*LEFT_FOR_NEXT_RUN, *OF_THE_ROOT, UndecodableError)
    return error is not None and not isinstance(error, passing) and not is_full(error)


def words(error: BaseException | None) -> str:
    """Return the message of an error for users; that of an unexpected error begins with its type."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    said = isinstance(
        error, DeadlineError | CrashError | SourceChangedError | SourceGoneError | RootDownError
    )
    return str(error) if said else f"{type(error).__name__}: {error}"

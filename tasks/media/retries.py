"""Retry calls that fail with temporary errors of a network file system."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Seconds before the second and the third try.
_PAUSES = (0.5, 2.0)
_FINAL = {
    errno.EACCES,
    errno.EPERM,
    errno.ENOENT,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EFBIG,
    # Errors of buckets, whose clients retry themselves.
    errno.EREMOTEIO,
    errno.EKEYREJECTED,
}


def with_retries(function: Callable[..., T], *arguments: object) -> T:
    """Call a function up to three times if it fails with a temporary OSError (input/output, stale handle)."""
    for pause in _PAUSES:
        try:
            return function(*arguments)
        except OSError as error:
            if error.errno is None or error.errno in _FINAL:
                raise
            time.sleep(pause)
    return function(*arguments)

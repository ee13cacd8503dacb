"""Trying again what a network file system may answer better a moment later."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_PAUSES = (0.5, 2.0)  # seconds before the second and the third try
_FINAL = {
    errno.EACCES,
    errno.EPERM,
    errno.ENOENT,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EROFS,
    errno.EFBIG,
    # Those of buckets: their clients try again by themselves.
    errno.EREMOTEIO,
    errno.EKEYREJECTED,
}


def with_retries(function: Callable[..., T], *arguments: object) -> T:
    """Call a function up to three times while the system answers with errors that may pass (input/output, stale handle)."""
    for pause in _PAUSES:
        try:
            return function(*arguments)
        except OSError as error:
            if error.errno is None or error.errno in _FINAL:
                raise
            time.sleep(pause)
    return function(*arguments)

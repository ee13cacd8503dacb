"""Processes that a test starts."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from typing import Any

_GRACE_SECONDS = 10.0


@contextmanager
def running(command: Sequence[str | PathLike[str]], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """Start a process, and end it on exit: a failing test must not wait for it."""
    with subprocess.Popen(command, **options) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(_GRACE_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()

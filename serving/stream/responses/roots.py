"""Roots of the archive: reader threads for each root, and checks whether a root can be read.

A root that hangs delays only requests for its own files, and those only briefly.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar, cast

from sqlalchemy import select

from catalog_models.tables import MediaFile, Root
from catalog_models.values import path_as_text
from orchestration.breaker import Breaker
from orchestration.storage import is_down
from orchestration.storage.readable import expect_readable
from serving.kernel.context import Context

T = TypeVar("T")

# The number of reader threads of a root.
THREADS = 16
# The most seconds that a call may take: the disks of a NAS may have to spin up.
PATIENCE = 10.0
# A root that hangs gets no calls for this many seconds.
REST = 5.0
# Seconds between two checks of a root that is up: a check costs two requests to S3.
EVERY = 15.0
# Seconds between two checks of a root that is down.
AGAIN = 1.0
# Seconds that a health check waits for the checks of roots. The next one includes later results.
_WAIT = 1.0
# A root whose check takes longer counts as down.
_LATE = 5.0

Roots = dict[bytes, bytes]

_log = logging.getLogger(__name__)


class _Root:
    """The reader threads and the breaker of a root."""

    def __init__(self, name: str) -> None:
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="reader")
        self.breaker = Breaker(name, (), deadline=PATIENCE, rest=REST)


class RootReaders:
    """The reader threads of all roots.

    A call that hangs keeps its thread; the caller does not wait for it.
    """

    def __init__(self) -> None:
        self._roots: dict[bytes, _Root] = {}

    async def run(self, root: bytes, work: Callable[..., T], *arguments: object) -> T:
        """Call a function that reads the storage of this root, and return its result or raise its error.

        Raises `UnavailableError` if the call takes longer than `PATIENCE` or the storage is down; after the
        third failure, immediately.
        """
        known = self._root(root)
        loop = asyncio.get_running_loop()
        async with known.breaker.guard():
            value, error = await loop.run_in_executor(known.threads, _outcome, work, arguments)
            # An error of a single file does not mean that the root is down.
            if isinstance(error, OSError) and is_down(error):
                raise ConnectionError(error.strerror) from error
        if error is not None:
            raise error
        return cast(T, value)

    def run_later(self, root: bytes, work: Callable[[], None]) -> None:
        """Call a function in a thread of this root, without waiting for it."""
        self._root(root).threads.submit(work)

    def hanging(self) -> list[str]:
        """Return the roots that currently do not respond."""
        return [os.fsdecode(root) for root, known in self._roots.items() if known.breaker.is_open]

    def close(self) -> None:
        """Shut down the threads, without waiting for calls that hang."""
        for known in self._roots.values():
            known.threads.shutdown(wait=False, cancel_futures=True)

    def _root(self, root: bytes) -> _Root:
        known = self._roots.get(root)
        if known is None:
            known = self._roots[root] = _Root(f"the archive {os.fsdecode(root)}")
        return known


def _outcome(work: Callable[..., T], arguments: tuple[object, ...]) -> tuple[T | None, Exception | None]:
    try:
        return work(*arguments), None
    except Exception as error:  # noqa: BLE001 - raised again by `run`
        return None, error


@dataclass(slots=True)
class _Check:
    """A check of a root, its start (in seconds of `time.monotonic`), and the result of the previous check."""

    task: asyncio.Task[bool]
    began: float
    is_up: bool = True


class RootChecks:
    """Checks the roots that contain files. Each check has a thread of its own, which may hang."""

    def __init__(self, context: Context, readers: RootReaders) -> None:
        self._engine, self._readers = context.resources.probe_engine, readers
        self._checks: dict[bytes, _Check] = {}

    async def down(self) -> list[str]:
        """Return the roots that cannot be read, and those that failed during playback."""
        roots = await self._roots()
        self._checks = {root: self._check(root, path) for root, path in roots.items()}
        if running := [check.task for check in self._checks.values() if not check.task.done()]:
            await asyncio.wait(running, timeout=_WAIT)
        found = {path_as_text(root) for root, check in self._checks.items() if not _is_up(check)}
        return sorted(found | set(self._readers.hanging()))

    async def _roots(self) -> Roots:
        """Return the roots that contain files, each with the relative path of one of its files."""
        first = (
            select(MediaFile.path)
            .where(MediaFile.root_id == Root.id, MediaFile.missing_since.is_(None))
            .order_by(MediaFile.path)
            .limit(1)
            .scalar_subquery()
        )
        async with self._engine.connect() as connection:
            rows = (await connection.execute(select(Root.path, first))).tuples()
            return {root: path for root, path in rows if path is not None}

    def _check(self, root: bytes, path: bytes) -> _Check:
        """Return the current check of a root: a running one, the last one while it is fresh, or a new one."""
        last = self._checks.get(root)
        if last is not None:
            fresh = EVERY if _is_up(last) else AGAIN
            if not last.task.done() or time.monotonic() - last.began < fresh:
                return last
        task = asyncio.create_task(_can_be_read(root, path))
        return _Check(task, time.monotonic(), last is None or _is_up(last))

    def close(self) -> None:
        """Cancel the checks."""
        for check in self._checks.values():
            check.task.cancel()


def _is_up(check: _Check) -> bool:
    if check.task.done() and not check.task.cancelled():
        return check.task.result()
    return check.is_up and time.monotonic() - check.began < _LATE


async def _can_be_read(root: bytes, path: bytes) -> bool:
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    results: list[bool] = []

    def read() -> None:
        try:
            expect_readable(root, [path], lambda _: True)
            results.append(True)
        except Exception as error:  # noqa: BLE001 - any error means that the root cannot be read
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            _log.warning("%s cannot be read: %s", path_as_text(root), reason)
            results.append(False)
        # The event loop may have been closed in the meantime.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(done.set)

    threading.Thread(target=read, name="root-check", daemon=True).start()
    await done.wait()
    return results[0]

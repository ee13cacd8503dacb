"""Which roots of the archive cannot be read, for health checks: each is looked at, however few people play its titles."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select

from catalog_models.tables import MediaFile, Root
from catalog_models.values import text_of
from orchestration.storage.readable import expect_readable
from serving.kernel.context import Context
from serving.stream.readers import Readers

EVERY = 15.0  # seconds between two looks at a root that is well: a look is two requests to S3
AGAIN = 1.0  # seconds between two looks at one that is down
_WAIT = 1.0  # seconds that a health check waits for looks; what takes longer is known at the next check
_LATE = 5.0  # seconds after which a root counts as down

Roots = dict[bytes, bytes]

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Look:
    """A look at a root, its start (seconds of `time.monotonic`), and what came of the last one."""

    task: asyncio.Task[bool]
    began: float
    is_up: bool = True


class RootWatch:
    """Looks at the roots that hold files, in threads of their own, which hang with a root that hangs."""

    def __init__(self, context: Context, readers: Readers) -> None:
        self._engine, self._readers = context.resources.probe_engine, readers
        self._looks: dict[bytes, _Look] = {}

    async def down(self) -> list[str]:
        """Return the roots that cannot be read, and those that players found to be down."""
        roots = await self._roots()
        self._looks = {root: self._look(root, path) for root, path in roots.items()}
        if running := [look.task for look in self._looks.values() if not look.task.done()]:
            await asyncio.wait(running, timeout=_WAIT)
        found = {text_of(root) for root, look in self._looks.items() if not _is_up(look)}
        return sorted(found | set(self._readers.hanging()))

    async def _roots(self) -> Roots:
        """Return the roots that hold files, each with one of its files (relative path)."""
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

    def _look(self, root: bytes, path: bytes) -> _Look:
        """Return the look at a root that counts: one under way, the last one while it is fresh, or a new one."""
        last = self._looks.get(root)
        if last is not None:
            fresh = EVERY if _is_up(last) else AGAIN
            if not last.task.done() or time.monotonic() - last.began < fresh:
                return last
        task = asyncio.create_task(_can_be_read(root, path))
        return _Look(task, time.monotonic(), last is None or _is_up(last))

    def close(self) -> None:
        """Abandon the looks."""
        for look in self._looks.values():
            look.task.cancel()


def _is_up(look: _Look) -> bool:
    if look.task.done() and not look.task.cancelled():
        return look.task.result()
    return look.is_up and time.monotonic() - look.began < _LATE


async def _can_be_read(root: bytes, path: bytes) -> bool:
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    came: list[bool] = []

    def look() -> None:
        try:
            expect_readable(root, [path], lambda _: True)
            came.append(True)
        except Exception as error:  # noqa: BLE001 - whatever it is, the root cannot be read
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            _log.warning("%s cannot be read: %s", text_of(root), reason)
            came.append(False)
        with suppress(RuntimeError):  # the server has ended meanwhile
            loop.call_soon_threadsafe(done.set)

    threading.Thread(target=look, name="root-check", daemon=True).start()
    await done.wait()
    return came[0]

"""Threads that read files, apart for each root: an archive that hangs holds up only those who read it, and them not for long."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from orchestration.breaker import Breaker
from orchestration.storage import is_down

T = TypeVar("T")

THREADS = 16  # of a root
PATIENCE = 10.0  # seconds that one piece of work may take: disks of a NAS may have to spin up
REST = 5.0  # seconds for which a root that hangs is left alone


class _Root:
    def __init__(self, name: str) -> None:
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="reader")
        self.breaker = Breaker(name, (), deadline=PATIENCE, rest=REST)


class Readers:
    """Of all roots that were asked for. What hung goes on in its thread; nobody waits for that."""

    def __init__(self) -> None:
        self._roots: dict[bytes, _Root] = {}

    async def run(self, root: bytes, work: Callable[..., T], *arguments: object) -> T:
        """Do work that blocks on the storage of this root, and answer or raise as it does. Raises `UnavailableError` where that
        takes longer than `PATIENCE` or the storage says that it is down, and, after three times, at once."""
        known = self._root(root)
        loop = asyncio.get_running_loop()
        async with known.breaker.guard():
            value, error = await loop.run_in_executor(known.threads, _outcome, work, arguments)
            if isinstance(error, OSError) and is_down(
                error
            ):  # one of a single file says nothing of the others
                raise ConnectionError(error.strerror) from error
        if error is not None:
            raise error
        return value  # type: ignore[return-value]

    def leave(self, root: bytes, work: Callable[[], None]) -> None:
        """Have this done some time."""
        self._root(root).threads.submit(work)

    def hanging(self) -> list[str]:
        """Roots that do not answer at the moment."""
        return [os.fsdecode(root) for root, known in self._roots.items() if known.breaker.is_open]

    def close(self) -> None:
        """Wait for nothing that hangs."""
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

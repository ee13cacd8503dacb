"""A pool of worker processes that can be killed: a hang or crash in a video library costs one file.

Workers are forked from a server process that has loaded the libraries, so a new one costs milliseconds. Each
has a memory limit, and ends with the process that owns the pool, however that process ends.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import islice
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from pebble import ProcessExpired, ProcessPool
from pebble.common.types import CONSTS

from catalog_models.errors import ExpectedError

Item = TypeVar("Item")
Value = TypeVar("Value")

MEMORY_LIMIT = 3 << 30
"""Bytes of address space per worker. About 600 MB are libraries; an 8K picture of 10 bits takes 140 MB."""

# Libraries, and the modules that open files.
_LOADED = [
    *("numpy", "av", "cv2", "PIL.Image", "PIL.JpegImagePlugin"),
    *("tasks.metadata.inspection", "tasks.thumbnails.pictures"),
]
# Calls in flight per worker, so that no worker waits while the caller writes to the database.
_AHEAD = 16
# Seconds between checks whether the pool is alive.
_LOOK_SECONDS = 1.0
# How long pebble waits for a lock that a killed idle worker held; by default a minute.
_LOCK_SECONDS = 5.0
# Options of mallopt(3), and the bytes of an allocation that a worker returns to the system at once.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _KEPT = -1, -3, 32 << 20
# For a call whose worker or pool was killed.
_TRIES = 3


class DeadlineError(Exception):
    """The call took longer than its deadline; its worker was killed."""


class PoolEndedError(ExpectedError):
    """A thread uses a pool that has ended."""

    code = "pool_ended"


class CrashError(Exception):
    """The worker died during the call."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Item, Value]):
    """The result of one call: its `value`, or the `error` that it raised, `DeadlineError` or `CrashError`."""

    item: Item
    value: Value | None = None
    error: BaseException | None = None


@dataclass(slots=True)
class _Call(Generic[Item]):
    item: Item
    arguments: tuple[Any, ...]
    tries: int = 0


class MediaPool:
    """Runs plain functions in `workers` processes; threads may share it.

    The default is one for each available processor, at most 4, because a NAS is one disk.
    """

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers or min(4, len(os.sched_getaffinity(0)))
        self._pool = self._make()
        self._mending = threading.Lock()
        self._turn = threading.Lock()
        self._has_ended = False

    def __enter__(self) -> Self:
        return self

    def start(self) -> None:
        """Start loading the libraries, and return at once. Otherwise the first call would start it."""
        # If the pool is killed at once, the first call replaces it.
        with suppress(RuntimeError):
            self._pool.schedule(os.getpid)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._mending:
            self._has_ended = True
            _end(self._pool)

    def run(
        self,
        function: Callable[..., Value],
        calls: Iterable[tuple[Item, tuple[Any, ...]]],
        deadline: float,
        give_up: Callable[[Item], Exception | None] = lambda _item: None,
    ) -> Iterator[Outcome[Item, Value]]:
        """Call `function(*arguments)` for each `(item, arguments)`, and yield the outcomes as they are ready.

        `calls` is read lazily, a few ahead. `deadline`: seconds for each call, from when a worker starts it.
        A caller that stops iterating ends the calls in flight. Whenever a call ends, `give_up` is called for
        each call in flight; if it returns an error, that call ends with it.

        Threads take turns: the calls of one thread begin before those of the next. Otherwise the calls of all
        threads would end together and leave the workers idle while their outcomes are stored.
        """
        remaining = (_Call(item, arguments) for item, arguments in calls)
        running: dict[Future[Value], _Call[Item]] = {}
        done: SimpleQueue[Future[Value]] = SimpleQueue()

        def start(call: _Call[Item]) -> None:
            future = self._schedule(function, call, deadline)
            running[future] = call
            future.add_done_callback(done.put)

        turn = ExitStack()
        try:
            turn.enter_context(self._turn)
            while True:
                free = self._workers * _AHEAD - len(running)
                drawn = list(islice(remaining, free))
                for call in drawn:
                    start(call)
                if len(drawn) < free:
                    turn.close()
                if not running:
                    return
                for future in self._next_done(done, running, deadline):
                    # It belongs to a pool that was replaced; its call runs again.
                    if future not in running:
                        continue
                    call = running.pop(future)
                    broken = not future.done() or isinstance(future.exception(), BrokenProcessPool)
                    died = not broken and isinstance(future.exception(), ProcessExpired)
                    if (broken or died) and call.tries < _TRIES:
                        # The worker may have been killed for a reason other than this file.
                        start(call)
                    else:
                        yield _outcome(call.item, None if broken else future, deadline)
                        yield from _given_up(running, give_up)
        finally:
            turn.close()
            for future in running:
                future.cancel()

    def _next_done(
        self, done: SimpleQueue[Future[Value]], running: Iterable[Future[Value]], deadline: float
    ) -> list[Future[Value]]:
        """Return the next call that ended, or all if the pool is stuck: none ended in time."""
        pool = self._pool
        patience = time.monotonic() + deadline * _AHEAD + 60
        while pool.active and time.monotonic() < patience:
            with suppress(Empty):
                return [done.get(timeout=_LOOK_SECONDS)]
        with suppress(Empty):
            return [done.get_nowait()]
        self._replace_pool(pool)
        return list(running)

    def _schedule(self, function: Callable[..., Value], call: _Call[Item], deadline: float) -> Future[Value]:
        call.tries += 1
        pool = self._pool
        try:
            return _schedule(pool, function, call.arguments, deadline)
        # A worker was killed while all were idle, and pebble stops the pool.
        except RuntimeError:
            return _schedule(self._replace_pool(pool), function, call.arguments, deadline)

    def _replace_pool(self, broken: ProcessPool) -> ProcessPool:
        with self._mending:
            if self._has_ended:
                raise PoolEndedError("the media pool has ended")
            if self._pool is broken:
                _end(broken)
                self._pool = self._make()
            return self._pool

    def _make(self) -> ProcessPool:
        CONSTS.channel_lock_timeout = _LOCK_SECONDS
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_LOADED)
        return ProcessPool(max_workers=self._workers, initializer=_prepare_worker, context=context)


def _schedule(
    pool: ProcessPool, function: Callable[..., Value], arguments: tuple[Any, ...], deadline: float
) -> Future[Value]:
    future: Future[Value] = pool.schedule(function, args=arguments, timeout=deadline)
    return future


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it without types
    for _try in range(_TRIES):
        # Pebble removes a worker that ends at this moment twice.
        with suppress(KeyError):
            pool.join()
            return


def _given_up(
    running: dict[Future[Value], _Call[Item]], give_up: Callable[[Item], Exception | None]
) -> Iterator[Outcome[Item, Value]]:
    for future, call in list(running.items()):
        if error := give_up(call.item):
            del running[future]
            future.cancel()
            yield Outcome(call.item, error=error)


def _outcome(item: Item, future: Future[Value] | None, deadline: float) -> Outcome[Item, Value]:
    error = future.exception() if future else None
    if future is None:
        error = CrashError("the pool of workers died repeatedly during the call")
    elif isinstance(error, ProcessExpired):
        error = CrashError(f"the worker process died while reading it ({_cause(error.exitcode)})")
    elif isinstance(error, TimeoutError) and error.__cause__ is None:
        # It is pebble's own error, not one that a call raised.
        error = DeadlineError(f"reading took longer than {deadline:g} seconds and was stopped")
    elif error is None:
        return Outcome(item, value=future.result())
    return Outcome(item, error=error)


def _cause(exit_code: int) -> str:
    return signal.Signals(-exit_code).name if exit_code < 0 else f"exit code {exit_code}"


def _prepare_worker() -> None:
    import av.logging
    import cv2

    CONSTS.channel_lock_timeout = _LOCK_SECONDS
    # A Python handler would run only after the library returns.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    av.logging.set_libav_level(av.logging.PANIC)
    cv2.setNumThreads(1)
    # The garbage collector would write to pages of loaded modules, which all workers share.
    gc.freeze()
    _keep_memory()
    threading.Thread(target=_die_with_owner, name="owner-watch", daemon=True).start()


def _keep_memory() -> None:
    """Keep freed picture memory in the process for the next pictures.

    By default glibc returns it to the system, which then clears each page: a tenth of the time of a file.
    """
    # Other C libraries than glibc have no `mallopt`.
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(_M_MMAP_THRESHOLD, _KEPT)
        mallopt(_M_TRIM_THRESHOLD, 2 * _KEPT)


def _die_with_owner() -> None:
    """Wait for the pool's owner to end.

    PR_SET_PDEATHSIG would watch the fork server, which waits for its workers.
    """
    owner = multiprocessing.parent_process()
    if owner is not None:
        owner.join()
        os.kill(os.getpid(), signal.SIGKILL)

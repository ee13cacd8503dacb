"""A pool of worker processes that can be killed: what hangs or crashes in a video library costs one file.

The workers are forked from a server process that has the libraries loaded, so that a new one costs milliseconds;
each is held to a memory limit and dies with the process that owns the pool, however that one ends.
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
from contextlib import suppress
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
"""Bytes of address space a worker may map. Some 600 MB are libraries; an 8K picture of 10 bits takes 140 MB."""

_LOADED = ["numpy", "av", "cv2", "PIL.Image", "PIL.JpegImagePlugin"]
_AHEAD = 16  # calls in flight per worker: enough that nobody waits while the caller writes to the database
_LOOK_SECONDS = 1.0  # between looks whether the pool is still alive
_LOCK_SECONDS = (
    5.0  # pebble waits so long for a lock that a killed idle worker took along; a minute by itself
)
# Options of mallopt(3), and the bytes of an allocation that a worker returns to the system at once.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _KEPT = -1, -3, 32 << 20
_TRIES = 3  # for a call whose worker or whose pool was killed under it


class DeadlineError(Exception):
    """The call took longer than it was given; its worker was killed."""


class PoolEndedError(ExpectedError):
    """Somebody asks a pool that was ended to go on: a thread that has not heard of the end."""

    code = "pool_ended"


class CrashError(Exception):
    """The worker died under the call."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Item, Value]):
    """What became of one call: its `value`, or the `error` that it raised, `DeadlineError` or `CrashError`."""

    item: Item
    value: Value | None = None
    error: BaseException | None = None


@dataclass(slots=True)
class _Call(Generic[Item]):
    item: Item
    arguments: tuple[Any, ...]
    tries: int = 0


class MediaPool:
    """Runs plain functions in `workers` processes, by itself one a processor that we may use, at most 4 (a NAS is one
    disk). Threads may share it."""

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers or min(4, len(os.sched_getaffinity(0)))
        self._pool = self._make()
        self._mending = threading.Lock()
        self._has_ended = False

    def __enter__(self) -> Self:
        return self

    def start(self) -> None:
        """Begin to load the libraries, and return at once. The first call starts them, too."""
        with suppress(RuntimeError):  # killed at once: the first call mends it
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
        """Call `function(*arguments)` for each `(item, arguments)`; outcomes come as they are ready, in any order.

        `calls` is drawn from lazily, a few ahead of what was taken. `deadline`: seconds for each call, from when a
        worker takes it up. A caller that stops iterating ends the calls in flight. `give_up` is asked of the calls in flight
        whenever one has ended: those that it returns an error for end with that error.
        """
        remaining = (_Call(item, arguments) for item, arguments in calls)
        running: dict[Future[Value], _Call[Item]] = {}
        done: SimpleQueue[Future[Value]] = SimpleQueue()

        def start(call: _Call[Item]) -> None:
            future = self._schedule(function, call, deadline)
            running[future] = call
            future.add_done_callback(done.put)

        try:
            while True:
                for call in islice(remaining, self._workers * _AHEAD - len(running)):
                    start(call)
                if not running:
                    return
                for future in self._next_done(done, running, deadline):
                    if future not in running:  # of a pool that was given up; its call runs again
                        continue
                    call = running.pop(future)
                    broken = not future.done() or isinstance(future.exception(), BrokenProcessPool)
                    died = not broken and isinstance(future.exception(), ProcessExpired)
                    if (broken or died) and call.tries < _TRIES:
                        start(call)  # the worker may have been killed for another reason than this file
                    else:
                        yield _outcome(call.item, None if broken else future, deadline)
                        yield from _given_up(running, give_up)
        finally:
            for future in running:
                future.cancel()

    def _next_done(
        self, done: SimpleQueue[Future[Value]], running: Iterable[Future[Value]], deadline: float
    ) -> list[Future[Value]]:
        """The next call that ended, or all of them when the pool is stuck: a healthy one ends something in time."""
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
        except RuntimeError:  # a worker was killed while all were idle: pebble gives up the pool
            return _schedule(self._replace_pool(pool), function, call.arguments, deadline)

    def _replace_pool(self, broken: ProcessPool) -> ProcessPool:
        with self._mending:
            if self._has_ended:
                raise PoolEndedError("the pool of reading processes has ended")
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
        with suppress(KeyError):  # a worker that ends at the same moment is taken off pebble's list twice
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
        error = CrashError("the pool of workers broke under it again and again")
    elif isinstance(error, ProcessExpired):
        error = CrashError(f"the worker that read it died ({_cause(error.exitcode)})")
    elif (
        isinstance(error, TimeoutError) and error.__cause__ is None
    ):  # pebble's own, not one that a call raised
        error = DeadlineError(f"it took longer than {deadline:g} seconds and was stopped")
    elif error is None:
        return Outcome(item, value=future.result())
    return Outcome(item, error=error)


def _cause(exit_code: int) -> str:
    return signal.Signals(-exit_code).name if exit_code < 0 else f"exit code {exit_code}"


def _prepare_worker() -> None:
    import av.logging
    import cv2

    CONSTS.channel_lock_timeout = _LOCK_SECONDS
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a handler in Python would wait for the library to return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    av.logging.set_libav_level(av.logging.PANIC)
    cv2.setNumThreads(1)
    # The collector would write to the pages of loaded modules, which all workers share.
    gc.freeze()
    _keep_memory()
    threading.Thread(target=_die_with_owner, name="owner-watch", daemon=True).start()


def _keep_memory() -> None:
    """Have the C library keep the memory of pictures for the next ones.

    By itself it returns them to the system, which then clears each page again: a tenth of the time of a file.
    """
    # Other C libraries than glibc have no `mallopt`.
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(_M_MMAP_THRESHOLD, _KEPT)
        mallopt(_M_TRIM_THRESHOLD, 2 * _KEPT)


def _die_with_owner() -> None:
    """Wait for the pool's owner to end. PR_SET_PDEATHSIG would watch the fork server, which waits for its workers."""
    owner = multiprocessing.parent_process()
    if owner is not None:
        owner.join()
        os.kill(os.getpid(), signal.SIGKILL)

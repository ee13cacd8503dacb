"""Probes of blocks and dependencies, at most once a second for all callers together."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial

from orchestration.registry import BlockDownError
from serving.kernel.block import Block, DownCheck, NotConfiguredError, OpenBlock, Ping
from serving.kernel.context import Context
from serving.kernel.resources import read_one

# Seconds after which a response counts as slow.
SLOW = 1.0
# Seconds after which a probe counts as failed.
DOWN = 2.0
# Seconds for which a measurement is valid, from its start.
FRESH = 1.0

DEPENDENCIES = ("postgres", "redis", "meilisearch", "prefect")

# In seconds. Time is counted in steps of the event loop. A busy process counts a long pause as a single step,
# and so does not mistake its own delay for a delay of the server.
_STEP = 0.05
# Such a delay may also cause a timeout of the client, so a probe is repeated.
_TRIES = 2

ARCHIVE = "archive"
"""The name of the dependency that is down while a root of the archive cannot be read."""

_log = logging.getLogger(__name__)


class State(Enum):
    """The result of a probe."""

    UP = auto()
    SLOW = auto()
    DOWN = auto()
    NOT_CONFIGURED = auto()


@dataclass(frozen=True, slots=True)
class Pings:
    """The pings of blocks and dependencies. A dependency without a ping is not configured.

    The functions in `down` return the locations of the roots of the archive that are down.
    """

    blocks: Mapping[str, Ping]
    dependencies: Mapping[str, Ping | None]
    down: Sequence[DownCheck] = ()


@dataclass(frozen=True, slots=True)
class States:
    """The results of one measurement by name. `began` is its start, in seconds of `time.monotonic`.

    `roots_down` are the roots of the archive that cannot be read, viewers see only that `archive` is
    down.
    """

    began: float
    blocks: Mapping[str, State]
    dependencies: Mapping[str, State]
    roots_down: Sequence[str] = ()

    def all(self) -> dict[str, State]:
        """Return the states of blocks and dependencies together."""
        return {**self.blocks, **self.dependencies}


class Monitor:
    """Measures for all callers together, at most every `FRESH` seconds.

    A caller gets the last measurement while it is fresh, or waits for the current one, whose duration is
    bounded. A measurement that took longer than `FRESH` is returned only to the callers that waited for it.
    """

    def __init__(self, pings: Pings, clock: Callable[[], float] = time.monotonic) -> None:
        self._pings, self._clock = pings, clock
        self._measuring: asyncio.Task[States] | None = None
        self._last: States | None = None

    async def states(self) -> States:
        """Return the current states."""
        if self._last is not None and 0 <= self._clock() - self._last.began < FRESH:
            return self._last
        if self._measuring is None:
            self._measuring = asyncio.create_task(self._measure())
        return await asyncio.shield(self._measuring)

    async def _measure(self) -> States:
        began = self._clock()
        try:
            pings = {**self._pings.blocks, **self._pings.dependencies}
            found, roots = await asyncio.gather(
                asyncio.gather(*map(_state, pings, pings.values())), self._roots_down()
            )
            states = dict(zip(pings, found, strict=True))
            dependencies = {name: states[name] for name in self._pings.dependencies}
            if roots:
                dependencies[ARCHIVE] = State.DOWN
            measured = States(
                began, {name: states[name] for name in self._pings.blocks}, dependencies, sorted(roots)
            )
            self._last = measured
            return measured
        finally:
            self._measuring = None

    async def _roots_down(self) -> list[str]:
        """Return the locations of the roots that are down.

        While the database is down, none are known.
        """
        names: list[str] = []
        for down in self._pings.down:
            with suppress(Exception):
                names += await asyncio.wait_for(down(), DOWN)
        return names

    def close(self) -> None:
        """Cancel the current measurement."""
        if self._measuring is not None:
            self._measuring.cancel()


@asynccontextmanager
async def run_monitor(pings: Pings) -> AsyncIterator[Monitor]:
    """Yield a monitor for these pings, and close it at the end of the context."""
    monitor = Monitor(pings)
    try:
        yield monitor
    finally:
        monitor.close()


def pings_of(context: Context, blocks: Sequence[Block], opened: Mapping[str, OpenBlock]) -> Pings:
    """Return the pings of all blocks, even of those that could not be opened, and of their dependencies."""
    known: dict[str, Ping | None] = dict.fromkeys(DEPENDENCIES)
    known["postgres"] = partial(read_one, context.resources.probe_engine, None)
    known["redis"] = None if context.l1.redis is None else context.l1.redis.ping
    for block in opened.values():
        known |= block.dependencies
    down = [block.down for block in opened.values() if block.down is not None]
    return Pings({block.name: _ping(block.name, opened) for block in blocks}, known, down)


def _ping(name: str, opened: Mapping[str, OpenBlock]) -> Ping:
    async def down() -> None:
        raise BlockDownError(name, "it could not be opened")

    return opened[name].ping if name in opened else down


class _ProbeTimer:
    """Counts the seconds that a probe has waited."""

    def __init__(self) -> None:
        self.waited = 0.0

    async def wait_for(self, ping: Ping) -> None:
        """Wait for a ping.

        Raises the error of the ping, and `TimeoutError` once the probe has waited `DOWN` seconds in total.
        """
        asking = asyncio.ensure_future(ping())
        asking.add_done_callback(_retrieve_error)
        try:
            while not asking.done():
                if self.waited >= DOWN:
                    raise TimeoutError(f"no response within {DOWN:g} s")
                await asyncio.wait({asking}, timeout=_STEP)
                self.waited += 0 if asking.done() else _STEP
            asking.result()
        finally:
            # The cancellation is not awaited: a ping that ignores it would delay the measurement.
            asking.cancel()


async def _state(name: str, ping: Ping | None) -> State:
    if ping is None:
        return State.NOT_CONFIGURED
    patience, problem = _ProbeTimer(), ""
    for _ in range(_TRIES):
        try:
            await patience.wait_for(ping)
        except NotConfiguredError:
            return State.NOT_CONFIGURED
        except Exception as error:  # noqa: BLE001 - any error of a ping is its result
            problem = str(error).partition("\n")[0] or type(error).__name__
            if not _timed_out(error):
                break
        else:
            return State.SLOW if patience.waited > SLOW else State.UP
        if patience.waited >= DOWN:
            break
    _log.warning("%s is down: %s", name, problem)
    return State.DOWN


def _timed_out(error: BaseException | None) -> bool:
    """Return whether the error, or one of its causes, is the timeout of a client library."""
    while error is not None and "Timeout" not in type(error).__name__:
        error = error.__cause__
    return error is not None


def _retrieve_error(asking: asyncio.Future[object]) -> None:
    """Retrieve the error of a cancelled ping, which asyncio would otherwise report."""
    if not asking.cancelled():
        asking.exception()

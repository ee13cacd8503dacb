"""A circuit breaker for network services: calls of an unavailable server fail at once."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

_log = logging.getLogger(__name__)


class UnavailableError(Exception):
    """The server does not respond in time, or recently did not."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(f"{name} does not respond: {reason}")


class Breaker:
    """Guards calls of one server.

    After `failures` consecutive errors, calls are refused at once for `rest` seconds. Then one call is let
    through, and its result decides. `deadline`: seconds per call. `expected`: the errors that mean that the
    server is unavailable; other errors are the caller's own and pass through.
    """

    def __init__(
        self,
        name: str,
        expected: tuple[type[Exception], ...],
        *,
        deadline: float = 1.0,
        failures: int = 3,
        rest: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._expected: tuple[type[Exception], ...] = (TimeoutError, OSError, *expected)
        self._deadline, self._failures, self._rest, self._clock = deadline, failures, rest, clock
        self._failed = 0
        self._closed_again_at = 0.0
        self._trying = False

    @property
    def is_open(self) -> bool:
        """Return whether calls are refused now."""
        return self._failed >= self._failures and (self._trying or self._clock() < self._closed_again_at)

    @asynccontextmanager
    async def guard(self) -> AsyncIterator[None]:
        """Run a call in this block. Raise `UnavailableError` in place of expected errors."""
        if self.is_open:
            raise UnavailableError(self.name, "recent calls failed")
        self._trying = trial = self._failed >= self._failures
        try:
            async with asyncio.timeout(self._deadline):
                yield
        except self._expected as error:
            self._fail(error)
            raise UnavailableError(self.name, str(error) or type(error).__name__) from error
        else:
            self._failed = 0
        finally:
            if trial:
                self._trying = False

    def _fail(self, error: Exception) -> None:
        self._failed += 1
        self._closed_again_at = self._clock() + self._rest
        if self._failed == self._failures:
            reason = str(error).partition("\n")[0] or type(error).__name__
            _log.warning(
                "%s does not respond (%s); calls are refused for %g s", self.name, reason, self._rest
            )

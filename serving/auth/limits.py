"""Rate limits for each kind of request, by account or, before the sign-in, by address.

Requests are counted in Redis, or in this process while Redis is unavailable.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from orchestration.breaker import UnavailableError
from orchestration.contracts import Pace
from serving.http.errors import RateLimitedError

if TYPE_CHECKING:
    from serving.kernel.l1 import L1

# This many pictures count as a single request, because a page shows many posters.
_PICTURES = 20
# The renderer sends at most about this many requests for one page.
_READS_OF_PAGE = 10
# The most counters that this process keeps while Redis is unavailable.
_MOST_KEYS = 100_000

# KEYS: counter. ARGV: window in seconds.
_COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('TTL', KEYS[1])}
"""

# An expired counter is not created again, because the new one would never expire.
_FORGIVE = "if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('DECR', KEYS[1]) end return 0"


def network_of(address: str) -> str:
    """Return the key under which an address is counted: an IPv4 address, or an IPv6 network (/64).

    An IPv6 host usually has its own /64 network, and may send each request from a different address in it.
    All values that are not an address share one count, so that invented values gain nothing.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return f"{IPv6Address(found.packed[:8] + bytes(8))}/64"


@dataclass(slots=True)
class RateLimits:
    """Limits of `per_minute` writes and `reads` in each window. A window begins with its first request."""

    per_minute: int
    reads: int
    l1: L1
    window: int = 60
    clock: Callable[[], float] = time.monotonic
    _counts: dict[str, tuple[float, int]] = field(default_factory=dict)

    def of(self, pace: Pace) -> int:
        """Return the limit of this kind of request, or 0 for no limit."""
        return {
            "page": self.reads,
            "read": self.reads,
            "rendered": self.reads * _READS_OF_PAGE,
            "write": self.per_minute,
            "picture": self.per_minute * _PICTURES,
            "bytes": 0,
        }[pace]

    async def count(self, key: str, limit: int, window: int | None = None) -> None:
        """Count one request. Raises `RateLimitedError` beyond the limit."""
        window = window or self.window
        redis = self.l1.redis
        if redis is None:
            return self.count_here(key, limit, window)
        try:
            async with self.l1.breaker.guard():
                count, seconds = await redis.eval(_COUNT, 1, key, str(window))
        except UnavailableError:
            return self.count_here(key, limit, window)
        if count > limit:
            raise RateLimitedError(max(1, seconds))
        return None

    def count_here(self, key: str, limit: int, window: int | None = None) -> None:
        """Count one request in this process only. Raises `RateLimitedError` beyond the limit."""
        if limit == 0:
            return
        window, now = window or self.window, self.clock()
        if len(self._counts) >= _MOST_KEYS:
            self._counts.clear()
        end, count = self._counts.get(key, (0.0, 0))
        if now >= end:
            end, count = now + window, 0
        self._counts[key] = (end, count + 1)
        if count + 1 > limit:
            raise RateLimitedError(math.ceil(end - now))

    async def forgive(self, keys: list[str]) -> None:
        """Subtract one from the count of each key."""
        for key in keys:
            if key in self._counts:
                end, count = self._counts[key]
                self._counts[key] = (end, count - 1)
        if self.l1.redis is None:
            return
        try:
            async with self.l1.breaker.guard(), self.l1.redis.pipeline() as pipe:
                for key in keys:
                    pipe.eval(_FORGIVE, 1, key)
                await pipe.execute()
        except UnavailableError:
            return

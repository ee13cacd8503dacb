"""L1: values cached in Redis. Without Redis every read is a miss, and nothing else changes.

Values are stored in hashes (`home:rows` has a field for each viewer), so that all of a kind can be dropped at
once. A miss returns a ticket, which is required to fill the field: a value that was computed before a drop is
not stored after it. The ticket is the number of drops of the hash and the field; drops of other fields do not
count.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestration.breaker import Breaker, UnavailableError

if TYPE_CHECKING:
    from redis.asyncio import Redis

# In seconds. No value takes longer to compute.
_DROPS_KEPT = 3_600
# The set of all hash names: other keys in Redis must not be cleared.
_NAMES = "l1:names"

# KEYS: hash, its count of drops, the field's, the set of names. ARGV: field, ticket, value, seconds.
_FILL = """
local drops = (redis.call('GET', KEYS[2]) or 0) + (redis.call('GET', KEYS[3]) or 0)
if drops ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('SADD', KEYS[4], KEYS[1])
if redis.call('TTL', KEYS[1]) < 0 then redis.call('EXPIRE', KEYS[1], ARGV[4]) end
return 1
"""


@dataclass(frozen=True, slots=True)
class CachedValue:
    """A cached value, or None after a miss; and the ticket to fill it with, or None if not possible."""

    value: bytes | None
    ticket: bytes | None


class L1:
    """The cache. `hits` and `misses` count the reads of this process by the name of the hash."""

    def __init__(self, redis: Redis | None, breaker: Breaker) -> None:
        self.redis, self.breaker = redis, breaker
        self.hits: Counter[str] = Counter()
        self.misses: Counter[str] = Counter()
        self._fill = None if redis is None else redis.register_script(_FILL)

    @property
    def hit_rate(self) -> float:
        """Return the share of reads that were hits, from 0 to 1; 0 before the first read."""
        hits, misses = self.hits.total(), self.misses.total()
        return hits / (hits + misses) if hits else 0.0

    async def get(self, name: str, field: str) -> CachedValue:
        """Return the value of a field of the hash `name`."""
        found = await self._get(name, field)
        (self.misses if found.value is None else self.hits)[name] += 1
        return found

    async def _get(self, name: str, field: str) -> CachedValue:
        if self.redis is None:
            return CachedValue(None, None)
        try:
            async with self.breaker.guard():
                value: Any = await self.redis.hget(name, field)
                if value is not None:
                    return CachedValue(value, None)
                drops: Any = await self.redis.mget(_drops(name), _drops(name, field))
                return CachedValue(None, b"%d" % sum(int(count or 0) for count in drops))
        except UnavailableError:
            return CachedValue(None, None)

    async def fill(self, name: str, field: str, ticket: bytes | None, value: bytes, seconds: int) -> None:
        """Store a value for at most `seconds`, unless it was dropped after the ticket was issued."""
        if self._fill is None or ticket is None:
            return
        try:
            async with self.breaker.guard():
                keys = [name, _drops(name), _drops(name, field), _NAMES]
                await self._fill(keys=keys, args=[field, ticket, value, seconds])
        except UnavailableError:
            return

    async def drop(self, name: str, field: str | None = None) -> None:
        """Drop one field of a hash, or all of its fields."""
        if self.redis is None:
            return
        try:
            async with self.breaker.guard(), self.redis.pipeline() as pipe:
                pipe.incr(_drops(name, field))
                pipe.expire(_drops(name, field), _DROPS_KEPT)
                if field is None:
                    pipe.unlink(name)
                else:
                    pipe.hdel(name, field)
                await pipe.execute()
        except UnavailableError:
            return

    async def names(self) -> list[str]:
        """Return the names of all hashes. Raises `UnavailableError`."""
        if self.redis is None:
            return []
        async with self.breaker.guard():
            members: Any = await self.redis.smembers(_NAMES)
            return sorted(name.decode() for name in members)

    async def clear(self) -> int:
        """Drop all hashes, and return their number. Raises `UnavailableError`."""
        names = await self.names()
        if self.redis is not None:
            async with self.breaker.guard():
                await self.redis.unlink(_NAMES)
        for name in names:
            await self.drop(name)
        return len(names)


def _drops(name: str, field: str | None = None) -> str:
    return f"{name}:drops" if field is None else f"{name}:drops:{field}"

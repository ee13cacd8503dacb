"""Cache of sign-ins: each request reads its sign-in from Redis, and once a minute from PostgreSQL.

One call to Redis checks the blacklist, reads the sign-in and counts the request. While Redis is unavailable,
each request reads PostgreSQL, and this process counts the requests.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from catalog_models.tables import LoginSession, User
from orchestration.breaker import UnavailableError
from orchestration.contracts import Pace, Viewer
from serving.auth.tokens import Claims
from serving.http.errors import RateLimitedError, TokenRevokedError

if TYPE_CHECKING:
    from serving.auth.limits import RateLimits
    from serving.kernel.l1 import L1

KEPT = 60
"""Redis keeps a sign-in for this many seconds.

Changes made while Redis was unavailable take effect after that.
"""

# KEYS: blacklist entry of the sign-in; sign-ins of the account; their count of drops; rate counter.
# ARGV: sign-in; rate limit (0: none); its window in seconds.
# A request with a revoked token is not counted: it must not use up the limit of the account.
_ASK = """
if redis.call('EXISTS', KEYS[1]) == 1 then return {1, false, '0', 0} end
local wait = 0
if ARGV[2] ~= '0' then
  local count = redis.call('INCR', KEYS[4])
  if count == 1 then redis.call('EXPIRE', KEYS[4], ARGV[3]) end
  if count > tonumber(ARGV[2]) then wait = math.max(1, redis.call('TTL', KEYS[4])) end
end
return {0, redis.call('HGET', KEYS[2], ARGV[1]), redis.call('GET', KEYS[3]) or '0', wait}
"""


@dataclass(frozen=True, slots=True)
class _CachedSession:
    """A sign-in in Redis: whether it is revoked, its role and name (None: not cached), the ticket to fill the
    cache with, and the seconds to wait if the rate limit is exceeded."""

    revoked: bool
    known: bytes | None
    ticket: bytes
    wait: int


class SessionCache:
    """Looks up the sign-ins of tokens."""

    def __init__(self, engine: AsyncEngine, l1: L1, limits: RateLimits) -> None:
        self._engine, self._l1, self._limits = engine, l1, limits
        self._script = None if l1.redis is None else l1.redis.register_script(_ASK)

    async def viewer(self, claims: Claims, pace: Pace) -> Viewer:
        """Return the viewer of a token. Raises `TokenRevokedError` and `RateLimitedError`."""
        cached = await self._ask(claims, pace)
        if cached is None:
            self._limits.count_here(f"rate:{pace}:{claims.user_id}", self._limits.of(pace))
            return _viewer(claims, await self._read(claims))
        if cached.wait:
            raise RateLimitedError(cached.wait)
        if cached.revoked:
            raise TokenRevokedError
        if cached.known is not None:
            return _viewer(claims, json.loads(cached.known))
        state = await self._read(claims)
        viewer = _viewer(claims, state)
        await self._l1.fill(
            hash_of(claims.user_id), str(claims.session_id), cached.ticket, json.dumps(state).encode(), KEPT
        )
        return viewer

    async def _ask(self, claims: Claims, pace: Pace) -> _CachedSession | None:
        if self._script is None:
            return None
        state = hash_of(claims.user_id)
        keys = [
            blacklist_of(claims.session_id),
            state,
            f"{state}:drops",
            f"rate:{pace}:{claims.user_id}",
        ]
        try:
            async with self._l1.breaker.guard():
                revoked, known, ticket, wait = await self._script(
                    keys=keys, args=[str(claims.session_id), self._limits.of(pace), self._limits.window]
                )
        except UnavailableError:
            return None
        return _CachedSession(bool(revoked), known, ticket, int(wait))

    async def _read(self, claims: Claims) -> list[str] | None:
        """Return the role and the name, or None if the sign-in has ended or the account may not sign in."""
        statement = (
            select(User.role, User.username)
            .join(LoginSession, LoginSession.user_id == User.id)
            .where(
                LoginSession.id == claims.session_id,
                User.id == claims.user_id,
                LoginSession.ended_at.is_(None),
                LoginSession.expires_at > func.now(),
                User.is_active,
                User.approved_at.is_not(None),
            )
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(statement)).one_or_none()
        return None if row is None else list(row)


def hash_of(user_id: uuid.UUID) -> str:
    """Return the name of the hash that contains the sign-ins of an account."""
    return f"user:{user_id}:session"


def blacklist_of(session_id: uuid.UUID) -> str:
    """Return the key that exists until the access tokens of an ended sign-in have expired."""
    return f"blacklist:{session_id}"


def _viewer(claims: Claims, state: Any) -> Viewer:
    if state is None:
        raise TokenRevokedError
    role, username = state
    return Viewer(claims.user_id, username, role, claims.session_id)

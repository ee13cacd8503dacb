"""What the block keeps while it is open, and the questions that it answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import User
from catalog_models.writes import login_sessions
from orchestration.breaker import UnavailableError
from orchestration.contracts import AUTHENTICATE, REVOKE, Credentials, Done, Revocation, Viewer
from orchestration.registry import Provider
from serving.auth.limits import Limits
from serving.auth.passwords import Passwords
from serving.auth.signing_in import SigningIn
from serving.auth.standing import Standing, hash_of
from serving.auth.tokens import Tokens
from serving.block import Commons, Opened, state_of
from serving.errors import AuthRequiredError
from serving.secrets import derived_key
from serving.session import read_one


@dataclass(frozen=True, slots=True)
class Auth:
    """The state of the block."""

    commons: Commons
    signing_in: SigningIn
    standing: Standing
    limits: Limits

    async def authenticate(self, shown: Credentials) -> Viewer:
        """Who shows this token. What fails counts for the address that it comes from."""
        try:
            claims = self.signing_in.tokens.read("access", shown.token or "")
            return await self.standing.viewer(claims, shown.pace)
        except AuthRequiredError:
            await self.count_address(shown.address)
            raise

    async def count_address(self, address: str) -> None:
        """A request of somebody who is not signed in. Raises `RateLimitedError`."""
        await self.limits.count(f"rate:address:{address}", self.limits.per_minute)

    async def revoke(self, revocation: Revocation) -> Done:
        """End sign-ins in the tables, and at once in Redis."""
        chosen = None if revocation.session_id is None else [revocation.session_id]
        async with AsyncSession(self.commons.resources.engine) as session, session.begin():
            ended = await session.run_sync(login_sessions.end, revocation.user_id, chosen, revocation.reason)
        await self.forget(revocation, [str(session_id) for session_id in ended])
        return Done(len(ended))

    async def forget(self, revocation: Revocation, ended: list[str]) -> None:
        """Have Redis know nothing of the person's sign-ins, and refuse those that ended while their tokens live."""
        l1 = self.commons.l1
        await l1.drop(hash_of(revocation.user_id))
        if l1.redis is None or not ended:
            return
        seconds = int(self.signing_in.tokens.access.total_seconds())
        try:
            async with l1.breaker.guard(), l1.redis.pipeline() as pipe:
                for session_id in ended:
                    pipe.set(f"blacklist:{session_id}", revocation.reason, ex=seconds)
                await pipe.execute()
        except UnavailableError:
            return  # PostgreSQL knows, and is asked while Redis is away


def auth_of(request: Request) -> Auth:
    """The state of the block. Raises `BlockDownError`."""
    auth: Auth = state_of(request, "auth")
    return auth


@asynccontextmanager
async def open_auth(commons: Commons) -> AsyncIterator[Opened]:
    """Raises `ValueError` where there is no secret to sign with."""
    settings = commons.settings
    tokens = Tokens(
        derived_key(settings, "tokens"),
        dt.timedelta(minutes=settings.access_minutes),
        dt.timedelta(days=settings.refresh_days),
    )
    limits, passwords = Limits(settings.rate_limit, commons.l1), Passwords()
    auth = Auth(
        commons,
        SigningIn(commons.resources, passwords, limits, tokens),
        Standing(commons.resources.engine, commons.l1, limits),
        limits,
    )
    providers = (Provider(AUTHENTICATE, auth.authenticate), Provider(REVOKE, auth.revoke))
    try:
        yield Opened(auth, partial(read_one, commons.resources.engine, User.id), providers)
    finally:
        passwords.close()

"""The state of block auth, and its providers for other blocks."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from fastapi import Request

from catalog_models.tables import User
from orchestration.bus import Subscription
from orchestration.contracts import (
    AUTHENTICATE,
    HASH_PASSWORD,
    NOTE_CHANGE,
    REVOKE,
    Credentials,
    PasswordHash,
    PasswordToHash,
    Viewer,
)
from orchestration.events import UserChanged
from orchestration.registry import Provider
from serving.auth.attempts import Attempts
from serving.auth.limits import RateLimits, network_of
from serving.auth.passwords import Passwords
from serving.auth.revocation import SessionRevoker
from serving.auth.session_cache import SessionCache
from serving.auth.sign_in import SignIns
from serving.auth.tokens import Claims, Tokens
from serving.http.errors import AuthRequiredError
from serving.kernel.block import OpenBlock, state_of
from serving.kernel.context import Context
from serving.kernel.keys import derived_key
from serving.kernel.resources import read_one
from serving.kernel.transaction import transaction


@dataclass(frozen=True, slots=True)
class Auth:
    """The state of block auth."""

    context: Context
    sign_ins: SignIns
    session_cache: SessionCache
    limits: RateLimits
    revoker: SessionRevoker

    async def authenticate(self, credentials: Credentials) -> Viewer:
        """Return the viewer of these credentials. Raises `AuthRequiredError` and `RateLimitedError`."""
        try:
            claims = self.sign_ins.tokens.read_access(credentials.token or "")
            return await self.session_cache.viewer(claims, credentials.pace)
        except AuthRequiredError:
            await self._count_refused(credentials)
            raise

    async def _count_refused(self, credentials: Credentials) -> None:
        # Pages without a sign-in redirect to `/sign-in`, so people may open many of them before they sign in.
        if credentials.pace == "page" and self.sign_ins.tokens.signed(credentials.token or "") is None:
            key = f"rate:page:{network_of(credentials.address)}"
            await self.limits.count(key, self.limits.of("page"))
        else:
            await self.count_token("refused", credentials.token, credentials.address)

    async def count_token(self, action: str, token: str | None, address: str) -> None:
        """Count a request for the sign-in of its token, or for its address if it has no genuine token.

        Many viewers may share an address: a flood from there does not affect those with a token, expired or
        not. Raises `RateLimitedError`.
        """
        claims = self.sign_ins.tokens.signed(token or "")
        if claims is None:
            await self.count_address(address)
        else:
            await self.limits.count(f"rate:{action}:{claims.session_id}", self.limits.per_minute)

    async def count_login(self, known: Sequence[Claims], address: str) -> None:
        """Count a sign-in for its known device, or for its address. Raises `RateLimitedError`."""
        if known:
            await self.limits.count(f"rate:device:{known[0].session_id}", self.limits.per_minute)
        else:
            await self.count_address(address)

    async def count_address(self, address: str) -> None:
        """Count a request from an address. Raises `RateLimitedError`."""
        await self.limits.count(f"rate:address:{network_of(address)}", self.limits.per_minute)

    async def hash_password(self, asked: PasswordToHash) -> PasswordHash:
        """Return the hash of a password. Raises `TooBusyError`."""
        return PasswordHash(await self.sign_ins.passwords.hash(asked.password))


def auth_of(request: Request) -> Auth:
    """Return the state of the block. Raises `BlockDownError`."""
    auth: Auth = state_of(request, "auth")
    return auth


@asynccontextmanager
async def open_auth(context: Context) -> AsyncIterator[OpenBlock]:
    """Open the block. Raises `ValueError` if no secret is set to sign tokens with."""
    settings = context.settings
    tokens = Tokens(
        derived_key(settings, "tokens"),
        dt.timedelta(minutes=settings.access_minutes),
        dt.timedelta(days=settings.refresh_days),
    )
    limits, passwords = RateLimits(settings.rate_limit, settings.read_limit, context.l1), Passwords()
    revoker = SessionRevoker(context, int(tokens.access.total_seconds()))
    auth = Auth(
        context,
        SignIns(
            context.resources,
            passwords,
            Attempts(limits),
            tokens,
            partial(transaction, context.resources, context.bus),
            revoker.revoke,
            context.metrics,
        ),
        SessionCache(context.resources.engine, context.l1, limits),
        limits,
        revoker,
    )
    providers = (
        Provider(AUTHENTICATE, auth.authenticate),
        Provider(REVOKE, revoker.revoke),
        Provider(NOTE_CHANGE, revoker.note_change),
        Provider(HASH_PASSWORD, auth.hash_password),
    )
    changes = Subscription("auth", (UserChanged,), revoker.on_event, _after_gap)
    try:
        yield OpenBlock(
            auth, partial(read_one, context.resources.probe_engine, User.id), providers, (changes,)
        )
    finally:
        passwords.close()


async def _after_gap() -> None:
    """Do nothing: a missed event is noticed within `session_cache.KEPT` seconds."""

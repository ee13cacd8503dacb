"""What the block keeps while it is open, and the questions that it answers."""

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
from serving.auth.limits import Limits, network_of
from serving.auth.passwords import Passwords
from serving.auth.revoking import Revoking
from serving.auth.signing_in import SigningIn
from serving.auth.standing import Standing
from serving.auth.tokens import Claims, Tokens
from serving.http.errors import AuthRequiredError
from serving.kernel.block import Opened, state_of
from serving.kernel.context import Context
from serving.kernel.keys import derived_key
from serving.kernel.resources import read_one


@dataclass(frozen=True, slots=True)
class Auth:
    """The state of the block."""

    context: Context
    signing_in: SigningIn
    standing: Standing
    limits: Limits
    revoking: Revoking

    async def authenticate(self, shown: Credentials) -> Viewer:
        """Return who shows this token. Raises `AuthRequiredError`, `RateLimitedError`."""
        try:
            claims = self.signing_in.tokens.read_access(shown.token or "")
            return await self.standing.viewer(claims, shown.pace)
        except AuthRequiredError:
            await self.count_token("refused", shown.token, shown.address)
            raise

    async def count_token(self, action: str, token: str | None, address: str) -> None:
        """Count a request for the sign-in of its token, or for its address if it has no genuine token.

        Many people may share an address: a flood from there does not affect those who have a token, expired
        or not. Raises `RateLimitedError`.
        """
        claims = self.signing_in.tokens.signed(token or "")
        if claims is None:
            await self.count_address(address)
        else:
            await self.limits.count(f"rate:{action}:{claims.session_id}", self.limits.per_minute)

    async def count_login(self, known: Sequence[Claims], address: str) -> None:
        """Count a login for its known device, or else for its address. Raises `RateLimitedError`."""
        if known:
            await self.limits.count(f"rate:device:{known[0].session_id}", self.limits.per_minute)
        else:
            await self.count_address(address)

    async def count_address(self, address: str) -> None:
        """Count a request of an address. Raises `RateLimitedError`."""
        await self.limits.count(f"rate:address:{network_of(address)}", self.limits.per_minute)

    async def hash_password(self, asked: PasswordToHash) -> PasswordHash:
        """What is stored of a password. Raises `TooBusyError`."""
        return PasswordHash(await self.signing_in.passwords.hash(asked.password))


def auth_of(request: Request) -> Auth:
    """The state of the block. Raises `BlockDownError`."""
    auth: Auth = state_of(request, "auth")
    return auth


@asynccontextmanager
async def open_auth(context: Context) -> AsyncIterator[Opened]:
    """Raises `ValueError` where there is no secret to sign with."""
    settings = context.settings
    tokens = Tokens(
        derived_key(settings, "tokens"),
        dt.timedelta(minutes=settings.access_minutes),
        dt.timedelta(days=settings.refresh_days),
    )
    limits, passwords = Limits(settings.rate_limit, context.l1), Passwords()
    revoking = Revoking(context, int(tokens.access.total_seconds()))
    auth = Auth(
        context,
        SigningIn(context.resources, passwords, Attempts(limits), tokens, revoking.revoke, context.measures),
        Standing(context.resources.engine, context.l1, limits),
        limits,
        revoking,
    )
    providers = (
        Provider(AUTHENTICATE, auth.authenticate),
        Provider(REVOKE, revoking.revoke),
        Provider(NOTE_CHANGE, revoking.note_change),
        Provider(HASH_PASSWORD, auth.hash_password),
    )
    changes = Subscription("auth", (UserChanged,), revoking.hear, _heals_itself)
    try:
        yield Opened(auth, partial(read_one, context.resources.probe_engine, User.id), providers, (changes,))
    finally:
        passwords.close()


async def _heals_itself() -> None:
    """What was missed counts for `standing.KEPT` seconds at the most."""

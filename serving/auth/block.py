"""What the block keeps while it is open, and the questions that it answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
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
from serving.auth.limits import Limits
from serving.auth.passwords import Passwords
from serving.auth.revoking import Revoking
from serving.auth.signing_in import SigningIn
from serving.auth.standing import Standing
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
    revoking: Revoking

    async def authenticate(self, shown: Credentials) -> Viewer:
        """Who shows this token. What fails counts for the address that it comes from."""
        try:
            claims = self.signing_in.tokens.read_access(shown.token or "")
            return await self.standing.viewer(claims, shown.pace)
        except AuthRequiredError:
            await self.count_address(shown.address)
            raise

    async def count_address(self, address: str) -> None:
        """A request of somebody who is not signed in. Raises `RateLimitedError`."""
        await self.limits.count(f"rate:address:{address}", self.limits.per_minute)

    async def hash_password(self, asked: PasswordToHash) -> PasswordHash:
        """What is stored of a password. Raises `TooBusyError`."""
        return PasswordHash(await self.signing_in.passwords.hash(asked.password))


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
    revoking = Revoking(commons, int(tokens.access.total_seconds()))
    auth = Auth(
        commons,
        SigningIn(commons.resources, passwords, limits, tokens, revoking.revoke),
        Standing(commons.resources.engine, commons.l1, limits),
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
        yield Opened(auth, partial(read_one, commons.resources.probe_engine, User.id), providers, (changes,))
    finally:
        passwords.close()


async def _heals_itself() -> None:
    """What was missed counts for `standing.KEPT` seconds at the most."""

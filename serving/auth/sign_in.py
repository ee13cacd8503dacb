"""Sign-ins: checks of the password and the account, and their tokens."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import ShownToken, User
from catalog_models.writes import login_sessions, users
from orchestration.contracts import Done, Revocation
from orchestration.events import LoginSucceeded
from serving.auth.attempts import Attempts, AttemptSource, account_of
from serving.auth.passwords import Passwords, TooBusyError
from serving.auth.tokens import Claims, Tokens
from serving.http.errors import ApiError, AuthRequiredError, TokenRevokedError
from serving.kernel.metrics import Metrics
from serving.kernel.resources import Resources
from serving.kernel.transaction import BeginTransaction, Transaction


class WrongCredentialsError(AuthRequiredError):
    """The e-mail or the password is wrong. The response does not reveal which."""

    code = "AUTH_WRONG_CREDENTIALS"
    message = "The e-mail or the password is wrong."


class NotApprovedError(ApiError):
    """An admin has not approved the registration yet."""

    status = 403
    code = "AUTH_NOT_APPROVED"
    message = "An admin has not approved this registration yet; try again later."


class DeactivatedError(ApiError):
    """An admin has deactivated the account."""

    status = 403
    code = "AUTH_DEACTIVATED"
    message = "This account has been deactivated: ask an admin for the reason."


class TokenReusedError(AuthRequiredError):
    """The refresh token was used before and may be stolen, so its sign-in was ended."""

    code = "AUTH_TOKEN_REUSED"
    message = "This refresh token was used before, so its sign-in was ended: sign in again."


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to sign in. `device` is the User-Agent; `known` are the device tokens of the request."""

    email: str
    password: str
    address: str
    device: str
    known: tuple[Claims, ...] = ()

    def source(self, user: User | None) -> AttemptSource:
        """Return the source of the attempt. A device token is valid only for its own account."""
        known = (claims.session_id for claims in self.known if user and claims.user_id == user.id)
        return AttemptSource(self.address, next(known, None))


@dataclass(frozen=True, slots=True)
class SignedTokens:
    """The tokens of a sign-in. `device` proves at later sign-ins that the device has signed in before.

    `until` is the end of the access token in seconds since 1970.
    """

    user_id: uuid.UUID
    session_id: uuid.UUID
    access: str
    refresh: str
    device: str
    until: int


@dataclass(frozen=True, slots=True)
class SignIns:
    """Checks passwords, and starts and continues sign-ins."""

    resources: Resources
    passwords: Passwords
    attempts: Attempts
    tokens: Tokens
    begin: BeginTransaction
    revoke: Callable[[Revocation], Awaitable[Done]]
    metrics: Metrics

    async def check(self, attempt: Attempt) -> User:
        """Return the user of an attempt. An unknown e-mail takes the same path and the same time.

        Raises `TooManyAttemptsError`, `WrongCredentialsError`, and, only after the right password,
        `NotApprovedError` and `DeactivatedError`.
        """
        # No database connection is held while bcrypt runs.
        user = await self._find(attempt.email)
        if (
            not await self.verify_password(attempt.email, attempt.password, user, attempt.source(user))
            or user is None
        ):
            raise WrongCredentialsError
        if not user.is_active:
            raise DeactivatedError
        if user.approved_at is None:
            raise NotApprovedError
        return user

    async def verify_password(
        self, email: str, password: str, user: User | None, source: AttemptSource
    ) -> bool:
        """Return whether this is the password of the account, which may not exist.

        Attempts are counted before the check, so that parallel guesses do not exceed the limit. Raises
        `TooManyAttemptsError`, `TooBusyError`.
        """
        counts = source.counts(account_of(email, user))
        await self.attempts.count(counts)
        try:
            known = await self.passwords.matches(password, user.password_hash if user else None)
        except TooBusyError:
            await self.attempts.forgive(counts)
            raise
        if known:
            await self.attempts.forgive(counts)
        return known

    async def find_user(self, user_id: uuid.UUID) -> User:
        """Return a signed-in user. Raises `TokenRevokedError` if the account no longer exists."""
        found = await self._one(User.id == user_id)
        if found is None:
            raise TokenRevokedError
        return found

    async def _find(self, email: str) -> User | None:
        # No stored e-mail has such characters, and PostgreSQL would refuse some of them.
        if not email.isprintable():
            return None
        return await self._one(func.lower(User.email) == func.lower(email))

    async def _one(self, condition: ColumnElement[bool]) -> User | None:
        async with AsyncSession(self.resources.engine, expire_on_commit=False) as session:
            return (await session.scalars(select(User).where(condition))).one_or_none()

    async def start(self, work: Transaction, user: User, attempt: Attempt) -> SignedTokens:
        """Start a sign-in, and return its tokens."""
        session_id, refresh_id = await work.run(
            login_sessions.start, user.id, attempt.device, attempt.address, self.tokens.refresh
        )
        await work.run(users.record_sign_in, user.id)
        work.announce(LoginSucceeded(user.id))
        return self.signed(user.id, session_id, refresh_id)

    async def exchange(self, refresh_token: str) -> SignedTokens:
        """Return the next tokens, or the current ones again within the grace period.

        For an older token, ends the sign-in and raises `TokenReusedError`. Raises `TokenRevokedError` if the
        sign-in had ended before, and the errors of `Tokens.read`.
        """
        claims = self.tokens.read("refresh", refresh_token)
        shown = ShownToken(claims.user_id, claims.session_id, claims.token_id)
        async with self.begin() as work:
            rotation = await work.run(login_sessions.rotate, shown, self.tokens.refresh)
        if rotation is not None:
            self.metrics.refreshed("repeated" if rotation.repeated else "exchanged")
            return self.signed(claims.user_id, claims.session_id, rotation.refresh_id, rotation.expires_at)
        ended = await self.revoke(Revocation(claims.user_id, claims.session_id, "reused"))
        self.metrics.refreshed("reused" if ended.count else "ended")
        raise TokenReusedError if ended.count else TokenRevokedError

    def signed(
        self,
        user_id: uuid.UUID,
        session_id: uuid.UUID,
        refresh_id: uuid.UUID,
        expires: dt.datetime | None = None,
    ) -> SignedTokens:
        """Return the tokens of a sign-in, for the id and the expiry of its current refresh token."""
        until = dt.datetime.now(dt.UTC) + self.tokens.access
        return SignedTokens(
            user_id,
            session_id,
            self.tokens.make("access", user_id, session_id, uuid.uuid4(), until),
            self.tokens.make("refresh", user_id, session_id, refresh_id, expires),
            self.tokens.make("device", user_id, session_id, uuid.uuid4()),
            int(until.timestamp()),
        )

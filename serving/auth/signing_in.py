"""Signing in: who it is, whether they may, and the tokens that say so from then on."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import User
from catalog_models.writes import login_sessions, users
from orchestration.contracts import Done, Revocation
from orchestration.events import LoginSucceeded
from serving.auth.limits import Limits
from serving.auth.passwords import Passwords, TooBusyError
from serving.auth.tokens import Tokens
from serving.errors import ApiError, AuthRequiredError, RateLimitedError, TokenRevokedError
from serving.session import Resources
from serving.transaction import Transaction

WINDOW = 900  # seconds in which failures are counted
PER_ACCOUNT = 10
PER_ADDRESS = 30


class WrongCredentialsError(AuthRequiredError):
    """There is no such person, or it is another password; which of both is not told."""

    code = "AUTH_WRONG_CREDENTIALS"
    message = "The e-mail or the password is wrong."


class NotApprovedError(ApiError):
    """An admin has not approved the registration yet."""

    status = 403
    code = "AUTH_NOT_APPROVED"
    message = "An admin has not approved this registration yet."


class DeactivatedError(ApiError):
    """An admin has deactivated the account."""

    status = 403
    code = "AUTH_DEACTIVATED"
    message = "This account has been deactivated; an admin can say why."


class TokenReusedError(AuthRequiredError):
    """A refresh token was shown that had been exchanged: somebody has a copy, so its sign-in was ended."""

    code = "AUTH_TOKEN_REUSED"
    message = "This refresh token has been used before, so its sign-in was ended: sign in again."


class TooManyAttemptsError(ApiError):
    """Too many wrong passwords, for this account or from this address."""

    status = 429
    code = "AUTH_TOO_MANY_ATTEMPTS"
    message = "Too many wrong passwords: try again in 15 minutes."

    def __init__(self, seconds: int = WINDOW) -> None:
        super().__init__(
            f"Too many wrong passwords: try again in {max(1, round(seconds / 60))} minutes.",
            headers={"retry-after": str(seconds)},
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody signs in, from an address, with a device (a User-Agent)."""

    email: str
    password: str
    address: str
    device: str


@dataclass(frozen=True, slots=True)
class SignedTokens:
    """What a sign-in gives."""

    user_id: uuid.UUID
    session_id: uuid.UUID
    access: str
    refresh: str


@dataclass(frozen=True, slots=True)
class SigningIn:
    """Checks who signs in."""

    resources: Resources
    passwords: Passwords
    limits: Limits
    tokens: Tokens
    revoke: Callable[[Revocation], Awaitable[Done]]

    async def check(self, attempt: Attempt) -> User:
        """The person. Unknown e-mails take the same way, as long, and are answered the same.

        Raises `TooManyAttemptsError`, `WrongCredentialsError`, and, after the right password only, `NotApprovedError` and
        `DeactivatedError`.
        """
        user = await self._find(attempt.email)  # no connection is held while bcrypt runs
        if not await self.knows(attempt.email, attempt.password, user, attempt.address) or user is None:
            raise WrongCredentialsError
        if not user.is_active:
            raise DeactivatedError
        if user.approved_at is None:
            raise NotApprovedError
        return user

    async def knows(self, email: str, password: str, user: User | None, address: str) -> bool:
        """Whether somebody at this address knows the password of the account, which may not exist.

        Failures are counted before the check, so that guesses made at once do not get past the count. Raises
        `TooManyAttemptsError`, `TooBusyError`.
        """
        # By the person, not by how the e-mail is written: PostgreSQL finds a letter in more spellings than Python.
        account = (
            user.id if user else hashlib.sha256(email.lower().encode("utf-8", "surrogatepass")).hexdigest()
        )
        keys = [f"attempts:address:{address}", f"attempts:account:{account}"]
        await self._count(keys)
        try:
            known = await self.passwords.matches(password, user.password_hash if user else None)
        except TooBusyError:
            await self.limits.forgive(keys)  # nobody looked at the password
            raise
        if known:
            await self.limits.forgive(keys)
        return known

    async def _count(self, keys: list[str]) -> None:
        """The address first: one that may not guess any more locks no account either."""
        for key, limit in zip(keys, (PER_ADDRESS, PER_ACCOUNT), strict=True):
            try:
                await self.limits.count(key, limit, WINDOW)
            except RateLimitedError as error:
                raise TooManyAttemptsError(int(error.headers["retry-after"])) from None

    async def person(self, user_id: uuid.UUID) -> User:
        """Somebody who is signed in. Raises `TokenRevokedError` where they are gone."""
        found = await self._one(User.id == user_id)
        if found is None:
            raise TokenRevokedError
        return found

    async def _find(self, email: str) -> User | None:
        if not email.isprintable():  # no e-mail that is stored; PostgreSQL would refuse some
            return None
        return await self._one(func.lower(User.email) == func.lower(email))

    async def _one(self, condition: ColumnElement[bool]) -> User | None:
        async with AsyncSession(self.resources.engine, expire_on_commit=False) as session:
            return (await session.scalars(select(User).where(condition))).one_or_none()

    async def start(self, work: Transaction, user: User, attempt: Attempt) -> SignedTokens:
        """Begin a sign-in."""
        session_id, refresh_id = await work.run(
            login_sessions.start, user.id, attempt.device, attempt.address, self.tokens.refresh
        )
        await work.run(users.note_login, user.id)
        work.announce(LoginSucceeded(user.id))
        return self.signed(user.id, session_id, refresh_id)

    async def exchange(self, refresh_token: str) -> SignedTokens:
        """The next tokens. Raises `TokenReusedError`, having ended the sign-in, `TokenRevokedError` where it had ended
        before, and what reading a token raises."""
        claims = self.tokens.read("refresh", refresh_token)
        async with AsyncSession(self.resources.engine) as session, session.begin():
            next_id = await session.run_sync(
                login_sessions.rotate, claims.session_id, claims.token_id, self.tokens.refresh
            )
        if next_id is not None:
            return self.signed(claims.user_id, claims.session_id, next_id)
        ended = await self.revoke(Revocation(claims.user_id, claims.session_id, "reused"))
        raise TokenReusedError if ended.count else TokenRevokedError

    def signed(self, user_id: uuid.UUID, session_id: uuid.UUID, refresh_id: uuid.UUID) -> SignedTokens:
        """The tokens of a sign-in whose good refresh token has this id."""
        return SignedTokens(
            user_id,
            session_id,
            self.tokens.make("access", user_id, session_id, uuid.uuid4()),
            self.tokens.make("refresh", user_id, session_id, refresh_id),
        )

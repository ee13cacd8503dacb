"""Tokens: JWT (RFC 7519) signed with HS256.

A token names a person and a sign-in, not a role, which may change.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import jwt
from jwt.types import Options

from serving.http.errors import AuthRequiredError, TokenExpiredError

Kind = Literal["access", "refresh", "device"]
"""A device token names the sign-in that made it. It proves that the device has signed in before, and gives no
access."""

_ISSUER = "wsoptv"
_KINDS: tuple[Kind, ...] = ("access", "refresh")
_EXPIRED: dict[Kind, str] = {
    "access": TokenExpiredError.message,
    "refresh": "This sign-in was not used for so long that it has ended: sign in again.",
    "device": "This device has not signed in for more than a year.",
}
# Tokens, of half a kilobyte each.
_MOST_REMEMBERED = 10_000
# Seconds by which another clock may be ahead.
_MOST_SKEW = 86_400
_CLAIMS = ["iss", "typ", "sub", "sid", "jti", "iat", "exp"]


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a token: the person, the sign-in, the token itself, and its expiry (seconds since
    1970)."""

    user_id: uuid.UUID
    session_id: uuid.UUID
    token_id: uuid.UUID
    expires: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """Makes and reads tokens with one key."""

    key: bytes
    access: dt.timedelta
    refresh: dt.timedelta
    # Chromium keeps no cookie for longer than 400 days.
    device: dt.timedelta = dt.timedelta(days=400)
    _read_before: dict[str, Claims] = field(default_factory=dict, repr=False, compare=False)

    def lifetime(self, kind: Kind) -> dt.timedelta:
        """Return how long a token of this kind is valid."""
        return {"access": self.access, "refresh": self.refresh, "device": self.device}[kind]

    def make(
        self,
        kind: Kind,
        user_id: uuid.UUID,
        session_id: uuid.UUID,
        token_id: uuid.UUID,
        expires: dt.datetime | None = None,
    ) -> str:
        """Return a token that is valid until `expires`, by default for the lifetime of its kind.

        Equal arguments with an `expires` give equal tokens. So the current refresh token of a sign-in can be
        sent again although no table stores it.
        """
        lifetime = self.lifetime(kind)
        expires = (expires or dt.datetime.now(dt.UTC) + lifetime).astimezone(dt.UTC)
        claims = {
            "iss": _ISSUER,
            "typ": kind,
            "sub": str(user_id),
            "sid": str(session_id),
            "jti": str(token_id),
            "iat": expires - lifetime,
            "exp": expires,
        }
        return jwt.encode(claims, self.key, algorithm="HS256")

    def read(self, kind: Kind, token: str) -> Claims:
        """Return the claims of a token.

        Raises `TokenExpiredError`, and `AuthRequiredError` if it is invalid.
        """
        try:
            return self._read((kind,), token)
        except jwt.ExpiredSignatureError:
            raise TokenExpiredError(_EXPIRED[kind]) from None

    def read_access(self, token: str) -> Claims:
        """Return the claims of an access token, as `read` does.

        Only the expiry of a known token is checked again.
        """
        known = self._read_before.get(token)
        if known is not None and known.expires > time.time():
            return known
        claims = self.read("access", token)
        if len(self._read_before) >= _MOST_REMEMBERED:
            self._read_before.clear()
        self._read_before[token] = claims
        return claims

    def read_any(self, token: str) -> Claims:
        """Return the claims of an access or refresh token, expired or not, to end its sign-in.

        Raises `AuthRequiredError`.
        """
        return self._read(_KINDS, token, verify_exp=False)

    def signed(self, token: str) -> Claims | None:
        """Return the claims of a token, or None if it is not one of ours."""
        try:
            return self.read_any(token)
        except AuthRequiredError:
            return None

    def devices(self, tokens: Iterable[str]) -> tuple[Claims, ...]:
        """Return the claims of those tokens that are device tokens and have not expired."""
        found = []
        for token in tokens:
            with suppress(AuthRequiredError):
                found.append(self.read("device", token))
        return tuple(found)

    def _read(self, kinds: tuple[Kind, ...], token: str, verify_exp: bool = True) -> Claims:
        # RFC 7515 §2 forbids padding, which PyJWT accepts: a token must have one spelling.
        if "=" in token:
            raise AuthRequiredError
        # Another host's clock, or the database's, may be ahead of ours; `_claims` bounds `iat`.
        options: Options = {"require": _CLAIMS, "verify_exp": verify_exp, "verify_iat": False}
        try:
            claims = jwt.decode(token, self.key, algorithms=["HS256"], issuer=_ISSUER, options=options)
            return _claims(kinds, claims)
        except jwt.ExpiredSignatureError:
            raise
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, OverflowError):
            raise AuthRequiredError from None


def _claims(kinds: tuple[Kind, ...], claims: dict[str, Any]) -> Claims:
    if claims["typ"] not in kinds:
        raise ValueError("a token of another kind")
    if int(claims["iat"]) > time.time() + _MOST_SKEW:
        raise ValueError("a token from the future")
    return Claims(
        uuid.UUID(claims["sub"]), uuid.UUID(claims["sid"]), uuid.UUID(claims["jti"]), int(claims["exp"])
    )

"""Tokens: JWT (RFC 7519) signed with HS256.

A token contains a user and a sign-in, but no role, because roles may change.
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
"""A device token contains the sign-in that issued it.

It proves that the device has signed in before, and grants no access.
"""

_ISSUER = "wsoptv"
_KINDS: tuple[Kind, ...] = ("access", "refresh")
_EXPIRED: dict[Kind, str] = {
    "access": TokenExpiredError.message,
    "refresh": "This sign-in has expired because it was not used: sign in again.",
    "device": "This device has not signed in for more than a year.",
}
# The most cached tokens, of half a kilobyte each.
_MOST_REMEMBERED = 10_000
# The clock of another host may be ahead by this many seconds.
_MOST_SKEW = 86_400
_CLAIMS = ["iss", "typ", "sub", "sid", "jti", "iat", "exp"]


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a token: user, sign-in, token id, and expiry in seconds since 1970."""

    user_id: uuid.UUID
    session_id: uuid.UUID
    token_id: uuid.UUID
    expires: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """Creates and reads tokens with one key."""

    key: bytes
    access: dt.timedelta
    refresh: dt.timedelta
    # Chromium does not keep cookies for longer than 400 days.
    device: dt.timedelta = dt.timedelta(days=400)
    _read_before: dict[str, Claims] = field(default_factory=dict, repr=False, compare=False)

    def lifetime(self, kind: Kind) -> dt.timedelta:
        """Return the lifetime of a token of this kind."""
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

        With `expires`, equal arguments give equal tokens, so the current refresh token of a sign-in can be
        sent again although it is not stored.
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

        Of a cached token, only the expiry is checked.
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
        """Return the claims of an access or refresh token, expired or not. Raises `AuthRequiredError`."""
        return self._read(_KINDS, token, verify_exp=False)

    def signed(self, token: str) -> Claims | None:
        """Return the claims of a token, expired or not, or None if it is invalid."""
        try:
            return self.read_any(token)
        except AuthRequiredError:
            return None

    def devices(self, tokens: Iterable[str]) -> tuple[Claims, ...]:
        """Return the claims of the valid device tokens among `tokens`."""
        found = []
        for token in tokens:
            with suppress(AuthRequiredError):
                found.append(self.read("device", token))
        return tuple(found)

    def _read(self, kinds: tuple[Kind, ...], token: str, verify_exp: bool = True) -> Claims:
        # RFC 7515 §2 forbids padding, which PyJWT accepts: a token must have a single spelling.
        if "=" in token:
            raise AuthRequiredError
        # The clock of another host or of the database may be ahead of ours; `_claims` limits `iat`.
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
        raise ValueError("the token is of another kind")
    if int(claims["iat"]) > time.time() + _MOST_SKEW:
        raise ValueError("the token was issued in the future")
    return Claims(
        uuid.UUID(claims["sub"]), uuid.UUID(claims["sid"]), uuid.UUID(claims["jti"]), int(claims["exp"])
    )

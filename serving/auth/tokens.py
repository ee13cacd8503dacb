"""Tokens: JWT (RFC 7519) signed with HS256. A token says who and which sign-in; never a role, which may change."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

import jwt
from jwt.types import Options

from serving.errors import AuthRequiredError, TokenExpiredError

Kind = Literal["access", "refresh"]

_ISSUER = "wsoptv"
_KINDS: tuple[Kind, ...] = ("access", "refresh")
_EXPIRED = {
    "access": TokenExpiredError.message,
    "refresh": "This sign-in was not used for so long that it has ended: sign in again.",
}
_MOST_REMEMBERED = 10_000  # tokens, of half a kilobyte each
_CLAIMS = ["iss", "typ", "sub", "sid", "jti", "iat", "exp"]


@dataclass(frozen=True, slots=True)
class Claims:
    """Who (`user_id`), by which sign-in (`session_id`), with which token (`token_id`), until when (seconds since 1970)."""

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
    _read_before: dict[str, Claims] = field(default_factory=dict, repr=False, compare=False)

    def lifetime(self, kind: Kind) -> dt.timedelta:
        """How long a token of this kind is good for."""
        return self.access if kind == "access" else self.refresh

    def make(self, kind: Kind, user_id: uuid.UUID, session_id: uuid.UUID, token_id: uuid.UUID) -> str:
        """A token that is good from now on."""
        now = dt.datetime.now(dt.UTC)
        claims = {
            "iss": _ISSUER,
            "typ": kind,
            "sub": str(user_id),
            "sid": str(session_id),
            "jti": str(token_id),
            "iat": now,
            "exp": now + self.lifetime(kind),
        }
        return jwt.encode(claims, self.key, algorithm="HS256")

    def read(self, kind: Kind, token: str) -> Claims:
        """What a token says. Raises `TokenExpiredError`, and `AuthRequiredError` for whatever else is wrong with it."""
        try:
            return self._read((kind,), token)
        except jwt.ExpiredSignatureError:
            raise TokenExpiredError(_EXPIRED[kind]) from None

    def read_access(self, token: str) -> Claims:
        """`read` of an access token. One that was read is not taken apart again: of all that makes it good only the time goes on."""
        known = self._read_before.get(token)
        if known is not None and known.expires > time.time():
            return known
        claims = self.read("access", token)
        if len(self._read_before) >= _MOST_REMEMBERED:
            self._read_before.clear()
        self._read_before[token] = claims
        return claims

    def read_any(self, token: str) -> Claims:
        """What a token of either kind and any age says: enough to end its sign-in. Raises `AuthRequiredError`."""
        return self._read(_KINDS, token, verify_exp=False)

    def _read(self, kinds: tuple[Kind, ...], token: str, verify_exp: bool = True) -> Claims:
        if "=" in token:  # padding, which RFC 7515 §2 forbids and PyJWT overlooks: one token has one spelling
            raise AuthRequiredError
        options: Options = {"require": _CLAIMS, "verify_exp": verify_exp}
        try:
            claims = jwt.decode(token, self.key, algorithms=["HS256"], issuer=_ISSUER, options=options)
            return _claims(kinds, claims)
        except jwt.ExpiredSignatureError:
            raise
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, OverflowError):
            raise AuthRequiredError from None


def _claims(kinds: tuple[Kind, ...], claims: dict[str, Any]) -> Claims:
    if claims["typ"] not in kinds:
        raise ValueError("a token of the other kind")
    return Claims(
        uuid.UUID(claims["sub"]), uuid.UUID(claims["sid"]), uuid.UUID(claims["jti"]), int(claims["exp"])
    )

"""Tokens for browsers: cookies that scripts cannot read and that requests of other sites do not carry."""

from __future__ import annotations

import datetime as dt
import uuid
from itertools import islice

from fastapi import Request, Response

from serving.auth.sign_in import SignedTokens
from serving.auth.tokens import Tokens
from serving.kernel.viewer import ACCESS_COOKIE, REFRESH_COOKIE

# The user's id follows, because several people may share a browser.
_DEVICE = "wsoptv_device_"
# The only routes that take the refresh and the device token.
_AUTH_PATH = "/api/auth"
# Device cookies that are read from one request; each costs a check of its signature.
_MOST_DEVICES = 20


def set_cookies(request: Request, response: Response, signed: SignedTokens, tokens: Tokens) -> None:
    """Set the access and the refresh token for as long as they are valid."""
    _set(request, response, ACCESS_COOKIE, signed.access, "/", tokens.access)
    _set(request, response, REFRESH_COOKIE, signed.refresh, _AUTH_PATH, tokens.refresh)


def set_device(request: Request, response: Response, signed: SignedTokens, tokens: Tokens) -> None:
    """Set the device token of the user. A sign-out does not remove it."""
    _set(request, response, device_cookie(signed.user_id), signed.device, _AUTH_PATH, tokens.device)


def device_cookie(user_id: uuid.UUID) -> str:
    """Return the name of the cookie with the device token of this user."""
    return f"{_DEVICE}{user_id.hex}"


def device_tokens(request: Request) -> list[str]:
    """Return the device tokens that the request carries in cookies, of any user."""
    shown = (value for name, value in request.cookies.items() if name.startswith(_DEVICE))
    return list(islice(shown, _MOST_DEVICES))


def clear_cookies(response: Response) -> None:
    """Remove the access and the refresh token from the browser."""
    response.delete_cookie(ACCESS_COOKIE, path="/")
    response.delete_cookie(REFRESH_COOKIE, path=_AUTH_PATH)


def _set(
    request: Request, response: Response, name: str, value: str, path: str, lifetime: dt.timedelta
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=int(lifetime.total_seconds()),
        path=path,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )

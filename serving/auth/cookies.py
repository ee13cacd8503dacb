"""Token cookies for browsers, which scripts cannot read and requests from other sites do not contain."""

from __future__ import annotations

import datetime as dt
import uuid
from itertools import islice

from fastapi import Request, Response

from serving.auth.sign_in import SignedTokens
from serving.auth.tokens import Tokens
from serving.kernel.viewer import ACCESS_COOKIE, REFRESH_COOKIE

# The user id is appended, because several viewers may share a browser.
_DEVICE = "wsoptv_device_"
# Only routes below this path accept the refresh and the device token.
_AUTH_PATH = "/api/auth"
# The most device cookies read from one request: each requires a signature check.
_MOST_DEVICES = 20


def set_cookies(request: Request, response: Response, signed: SignedTokens, tokens: Tokens) -> None:
    """Set the cookies of the access and the refresh token, for the lifetime of the tokens."""
    _set(request, response, ACCESS_COOKIE, signed.access, "/", tokens.access)
    _set(request, response, REFRESH_COOKIE, signed.refresh, _AUTH_PATH, tokens.refresh)


def set_device(request: Request, response: Response, signed: SignedTokens, tokens: Tokens) -> None:
    """Set the cookie of the device token. A sign-out does not remove it."""
    _set(request, response, device_cookie(signed.user_id), signed.device, _AUTH_PATH, tokens.device)


def device_cookie(user_id: uuid.UUID) -> str:
    """Return the name of the cookie that contains the device token of this user."""
    return f"{_DEVICE}{user_id.hex}"


def device_tokens(request: Request) -> list[str]:
    """Return the device tokens in the cookies of a request, of any user."""
    shown = (value for name, value in request.cookies.items() if name.startswith(_DEVICE))
    return list(islice(shown, _MOST_DEVICES))


def clear_cookies(response: Response) -> None:
    """Remove the cookies of the access and the refresh token."""
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

"""Cookies for browsers: the tokens, which no script can read, and the end of the access token.

They are `SameSite=Lax`, so that links on other sites open pages with the sign-in. Requests that
change something must also have our `Origin`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from fastapi import Request, Response

from serving.auth.sign_in import SignedTokens
from serving.auth.tokens import Tokens
from serving.kernel.viewer import ACCESS_COOKIE, REFRESH_COOKIE, UNTIL_COOKIE

# The user id is appended, because several viewers may share a browser.
_DEVICE = "wsoptv_device_"
# Only routes below this path accept the refresh and the device token.
_AUTH_PATH = "/api/auth"
# The most device cookies read from one request: each requires a signature check.
_MOST_DEVICES = 20


@dataclass(frozen=True, slots=True)
class _Cookie:
    name: str
    value: str
    path: str
    lifetime: dt.timedelta
    readable: bool = False
    same_site: Literal["lax", "strict"] = "lax"


def set_cookies(request: Request, response: Response, signed: SignedTokens, tokens: Tokens) -> None:
    """Set the cookies of a sign-in, for the lifetime of its tokens.

    The cookie with the end of the access token lives as long as the refresh token. It shows pages and scripts
    that the sign-in can be continued.
    """
    for cookie in (
        _Cookie(ACCESS_COOKIE, signed.access, "/", tokens.access),
        _Cookie(REFRESH_COOKIE, signed.refresh, _AUTH_PATH, tokens.refresh),
        _Cookie(UNTIL_COOKIE, str(signed.until), "/", tokens.refresh, readable=True),
    ):
        _set(request, response, cookie)


def set_device(request: Request, response: Response, signed: SignedTokens, tokens: Tokens) -> None:
    """Set the cookie of the device token. A sign-out does not remove it."""
    name = device_cookie(signed.user_id)
    _set(request, response, _Cookie(name, signed.device, _AUTH_PATH, tokens.device, same_site="strict"))


def device_cookie(user_id: uuid.UUID) -> str:
    """Return the name of the cookie that contains the device token of this user."""
    return f"{_DEVICE}{user_id.hex}"


def device_tokens(request: Request) -> list[str]:
    """Return the device tokens in the cookies of a request, of any user."""
    shown = (value for name, value in request.cookies.items() if name.startswith(_DEVICE))
    return list(islice(shown, _MOST_DEVICES))


def clear_cookies(response: Response) -> None:
    """Remove the cookies of a sign-in."""
    for name, path in ((ACCESS_COOKIE, "/"), (REFRESH_COOKIE, _AUTH_PATH), (UNTIL_COOKIE, "/")):
        response.delete_cookie(name, path=path, samesite="lax")


def sign_out_cookies(response: Response) -> None:
    """Remove the cookies of a sign-in, and the pages and responses that the browser keeps.

    Browsers clear their cache only over https and on loopback.
    """
    clear_cookies(response)
    response.headers["clear-site-data"] = '"cache"'


def _set(request: Request, response: Response, cookie: _Cookie) -> None:
    response.set_cookie(
        cookie.name,
        cookie.value,
        max_age=int(cookie.lifetime.total_seconds()),
        path=cookie.path,
        secure=request.url.scheme == "https",
        httponly=not cookie.readable,
        samesite=cookie.same_site,
    )

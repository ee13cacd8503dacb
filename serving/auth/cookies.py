"""Tokens for browsers: cookies that scripts cannot read and that other sites' requests do not carry."""

from __future__ import annotations

from fastapi import Request, Response

from serving.auth.signing_in import SignedTokens
from serving.auth.tokens import Tokens
from serving.viewer import ACCESS_COOKIE, REFRESH_COOKIE

_REFRESH_PATH = "/api/auth"  # the only place that takes it


def set_cookies(request: Request, response: Response, signed: SignedTokens, tokens: Tokens) -> None:
    """Hand both tokens to the browser, for as long as they are good."""
    for name, value, path, lifetime in (
        (ACCESS_COOKIE, signed.access, "/", tokens.access),
        (REFRESH_COOKIE, signed.refresh, _REFRESH_PATH, tokens.refresh),
    ):
        response.set_cookie(
            name,
            value,
            max_age=int(lifetime.total_seconds()),
            path=path,
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )


def clear_cookies(response: Response) -> None:
    """Have the browser forget both."""
    response.delete_cookie(ACCESS_COOKIE, path="/")
    response.delete_cookie(REFRESH_COOKIE, path=_REFRESH_PATH)

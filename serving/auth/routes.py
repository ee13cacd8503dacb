"""`/api/auth/*`."""

from __future__ import annotations

from fastapi import Request, Response

from orchestration.contracts import Revocation
from serving.auth.answers import ANYBODY
from serving.auth.block import Auth, auth_of
from serving.auth.cookies import clear_cookies, set_cookies
from serving.auth.passwords import TooBusyError
from serving.auth.schemas import Login, RefreshToken, TokenPair
from serving.auth.signing_in import (
    Attempt,
    DeactivatedError,
    NotApprovedError,
    SignedTokens,
    TokenReusedError,
    TooManyAttemptsError,
    WrongCredentialsError,
)
from serving.block import api_router
from serving.errors import (
    CHANGING,
    AuthRequiredError,
    BlockDownAnswer,
    DatabaseUnavailableError,
    OriginRefusedError,
    RateLimitedError,
    TokenExpiredError,
    TokenRevokedError,
    documented,
)
from serving.origin import from_elsewhere, from_our_own_page
from serving.transaction import Work
from serving.viewer import REFRESH_COOKIE, Bearer, Cookie, address_of, token_of

router = api_router("auth")

_REFRESH = (AuthRequiredError, TokenExpiredError, TokenReusedError, TokenRevokedError)
_LOGOUT = (
    AuthRequiredError,
    RateLimitedError,
    DatabaseUnavailableError,
    BlockDownAnswer,
    *CHANGING,
)
_LOGIN = (WrongCredentialsError, NotApprovedError, DeactivatedError, TooManyAttemptsError, TooBusyError)


@router.post("/auth/login", summary="Sign in", responses=documented(*_LOGIN, *ANYBODY))
async def login(request: Request, response: Response, login: Login, work: Work) -> TokenPair:
    """Tokens for an e-mail and a password. A browser, which sends an `Origin`, is given cookies as well."""
    auth = auth_of(request)
    await auth.count_address(address_of(request))
    if from_elsewhere(request):
        raise OriginRefusedError
    attempt = Attempt(login.email.strip(), login.password, address_of(request), device_of(request))
    user = await auth.signing_in.check(attempt)
    signed = await auth.signing_in.start(work, user, attempt)
    if "origin" in request.headers:
        set_cookies(request, response, signed, auth.signing_in.tokens)
    return _pair(auth, response, signed)


@router.post("/auth/refresh", summary="Exchange a refresh token", responses=documented(*_REFRESH, *ANYBODY))
async def refresh(request: Request, response: Response, shown: RefreshToken | None = None) -> TokenPair:
    """New tokens for a refresh token, which is good once: shown a second time, it ends the sign-in that it belongs to.
    Without a body the cookie is taken, and the new tokens go into cookies alone."""
    auth = auth_of(request)
    await auth.count_address(address_of(request))
    cookie = request.cookies.get(REFRESH_COOKIE) if shown is None else None
    if cookie is not None and not from_our_own_page(request):
        raise OriginRefusedError
    signed = await auth.signing_in.exchange(shown.refresh_token if shown else cookie or "")
    if cookie is None:
        return _pair(auth, response, signed)
    set_cookies(request, response, signed, auth.signing_in.tokens)
    return _pair(auth, response, None)


@router.post("/auth/logout", status_code=204, summary="Sign out", responses=documented(*_LOGOUT))
async def logout(request: Request, bearer: Bearer, cookie: Cookie) -> Response:
    """Ends the sign-in of the token that is shown, an access or a refresh token, expired or not, and forgets the cookies.
    Once more does no harm."""
    auth = auth_of(request)
    await auth.count_address(address_of(request))
    shown = token_of(request, bearer, cookie or request.cookies.get(REFRESH_COOKIE))
    claims = auth.signing_in.tokens.read_any(shown or "")
    await auth.revoking.revoke(Revocation(claims.user_id, claims.session_id, "logout"))
    response = Response(status_code=204)
    clear_cookies(response)
    return response


def device_of(request: Request) -> str:
    """What the client calls itself, in so many characters as a list of devices shows."""
    said = request.headers.get("user-agent", "")
    return "".join(character for character in said if character.isprintable())[:200] or "unknown"


def _pair(auth: Auth, response: Response, signed: SignedTokens | None) -> TokenPair:
    response.headers["cache-control"] = "no-store"  # RFC 6749 §5.1
    return TokenPair(
        access_token=signed.access if signed else None,
        refresh_token=signed.refresh if signed else None,
        expires_in=int(auth.signing_in.tokens.access.total_seconds()),
    )

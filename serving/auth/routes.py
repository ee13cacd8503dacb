"""`/api/auth/login`, `/refresh`, `/continue` and `/logout`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.security import HTTPAuthorizationCredentials

from orchestration.contracts import Revocation
from serving.auth.attempts import TooManyAttemptsError
from serving.auth.block import Auth, auth_of
from serving.auth.cookies import (
    clear_cookies,
    device_cookie,
    device_tokens,
    set_cookies,
    set_device,
    sign_out_cookies,
)
from serving.auth.errors import PUBLIC_ROUTE
from serving.auth.passwords import TooBusyError
from serving.auth.schemas import Login, RefreshToken, TokenPair
from serving.auth.sign_in import (
    Attempt,
    DeactivatedError,
    NotApprovedError,
    SignedTokens,
    TokenReusedError,
    WrongCredentialsError,
)
from serving.http.errors import (
    CHANGING,
    AuthRequiredError,
    BlockDownApiError,
    DatabaseUnavailableError,
    OriginRefusedError,
    RateLimitedError,
    RequestInvalidError,
    TokenExpiredError,
    TokenRevokedError,
    documented,
)
from serving.http.local_paths import destination, see_other, sign_in_path, with_turn
from serving.http.navigation import is_navigation, is_prefetch
from serving.http.origin import from_other_site, from_our_own_page
from serving.kernel.routes import api_router
from serving.kernel.transaction import Transaction, Work
from serving.kernel.viewer import REFRESH_COOKIE, Bearer, Cookie, address_of, device_of, token_of

router = api_router("auth")

_REFRESH = (AuthRequiredError, TokenExpiredError, TokenReusedError, TokenRevokedError)
_LOGOUT = (
    AuthRequiredError,
    RateLimitedError,
    DatabaseUnavailableError,
    BlockDownApiError,
    *CHANGING,
)
_CONTINUE = (RequestInvalidError, RateLimitedError, DatabaseUnavailableError, BlockDownApiError)
_LOGIN = (WrongCredentialsError, NotApprovedError, DeactivatedError, TooManyAttemptsError, TooBusyError)


@router.post("/auth/login", summary="Sign in", responses=documented(*_LOGIN, *PUBLIC_ROUTE))
async def login(request: Request, response: Response, login: Login, work: Work) -> TokenPair:
    """Exchange an e-mail and a password for tokens. Browsers, which send an `Origin`, also receive cookies.

    A page of this service may also post the fields as an HTML form, with `next`, a path on this site: the
    response redirects (303) there, or to `/sign-in` with the `error` and the `email`.

    Send the `device_token` of an earlier sign-in to this account: a known device can sign in even while too
    many wrong passwords from elsewhere block the account. Browsers keep the token in a cookie, also after a
    sign-out.
    """
    auth, tokens = auth_of(request), auth_of(request).sign_ins.tokens
    signed = await start_sign_in(request, login, work)
    if "origin" not in request.headers:
        return _pair(auth, response, signed)
    set_cookies(request, response, signed, tokens)
    set_device(request, response, signed, tokens)
    return _pair(auth, response, signed).model_copy(update={"device_token": None})


async def start_sign_in(request: Request, login: Login, work: Transaction) -> SignedTokens:
    """Check the password, start a sign-in, and return its tokens. Raises the errors of a login."""
    auth = auth_of(request)
    known = auth.sign_ins.tokens.devices([*filter(None, [login.device_token]), *device_tokens(request)])
    await auth.count_login(known, address_of(request))
    if from_other_site(request):
        raise OriginRefusedError
    attempt = Attempt(
        login.email.strip(), login.password, address_of(request), device_of(request, 200), known
    )
    user = await auth.sign_ins.check(attempt)
    return await auth.sign_ins.start(work, user, attempt)


@router.post("/auth/refresh", summary="Refresh the tokens", responses=documented(*_REFRESH, *PUBLIC_ROUTE))
async def refresh(request: Request, response: Response, shown: RefreshToken | None = None) -> TokenPair:
    """Exchange a refresh token for a new pair of tokens.

    Without a body, the cookie is used, and the new tokens are sent only as cookies.

    A token may be exchanged again within 30 seconds, for example by several tabs at once or after a lost
    response: the response contains the current refresh token and a new access token. Later reuse ends the
    sign-in.
    """
    auth = auth_of(request)
    cookie = request.cookies.get(REFRESH_COOKIE) if shown is None else None
    token = shown.refresh_token if shown else cookie or ""
    await auth.count_token("refresh", token, address_of(request))
    if cookie is not None and not from_our_own_page(request):
        raise OriginRefusedError
    signed = await auth.sign_ins.exchange(token)
    if cookie is None:
        return _pair(auth, response, signed)
    set_cookies(request, response, signed, auth.sign_ins.tokens)
    if not _knows_device(auth, request, signed):
        set_device(request, response, signed, auth.sign_ins.tokens)
    return _pair(auth, response, None)


_REDIRECT: dict[int | str, dict[str, Any]] = {
    303: {"description": "The page that `next` names, or `/sign-in?next=…`.", "content": {}}
}


@router.get(
    "/auth/continue",
    status_code=303,
    response_class=RedirectResponse,
    summary="Continue the sign-in and return to a page",
    responses=_REDIRECT | documented(AuthRequiredError, *_CONTINUE),
)
async def continue_sign_in(
    request: Request,
    next_: Annotated[
        str, Query(alias="next", description="A path on this site, such as `/title/1?t=9`.")
    ] = "/",
) -> Response:
    """Exchange the refresh cookie of a browser, set the new cookies, and redirect to `next`.

    A page redirects a browser here if its access token has expired. This works without JavaScript. If the
    sign-in cannot be continued, the cookies are removed and the browser is sent to `/sign-in`. A `next` that
    is not the path of a page on this site counts as `/`. Prefetches and requests by scripts do not renew the
    tokens.
    """
    auth, path = auth_of(request), destination(next_)
    if is_prefetch(request) or not is_navigation(request):
        raise AuthRequiredError
    token = request.cookies.get(REFRESH_COOKIE, "")
    await auth.count_token("refresh", token, address_of(request))
    try:
        signed = await auth.sign_ins.exchange(token)
    except AuthRequiredError:
        response = see_other(sign_in_path(path))
        clear_cookies(response)
        return response
    response = see_other(with_turn(path))
    set_cookies(request, response, signed, auth.sign_ins.tokens)
    return response


@router.post("/auth/logout", status_code=204, summary="Sign out", responses=documented(*_LOGOUT))
async def logout(request: Request, bearer: Bearer, cookie: Cookie) -> Response:
    """End the sign-in of an access or refresh token, expired or not, and remove the cookies.

    Signing out again has no effect. After an HTML form, the response redirects (303) to `/sign-in`.
    """
    await end_sign_in(request, bearer, cookie)
    response = Response(status_code=204)
    sign_out_cookies(response)
    return response


async def end_sign_in(
    request: Request, bearer: HTTPAuthorizationCredentials | None, cookie: str | None
) -> None:
    """End the sign-in of a token. Raises the errors of a sign-out."""
    auth = auth_of(request)
    cookie = cookie or request.cookies.get(REFRESH_COOKIE)
    await auth.count_token("logout", bearer.credentials if bearer else cookie, address_of(request))
    claims = auth.sign_ins.tokens.read_any(token_of(request, bearer, cookie) or "")
    await auth.revoker.revoke(Revocation(claims.user_id, claims.session_id, "logout"))


def _knows_device(auth: Auth, request: Request, signed: SignedTokens) -> bool:
    """Return whether the browser already has a device token of this user."""
    shown = request.cookies.get(device_cookie(signed.user_id), "")
    return any(claims.user_id == signed.user_id for claims in auth.sign_ins.tokens.devices([shown]))


def _pair(auth: Auth, response: Response, signed: SignedTokens | None) -> TokenPair:
    # RFC 6749 §5.1.
    response.headers["cache-control"] = "no-store"
    return TokenPair(
        access_token=signed.access if signed else None,
        refresh_token=signed.refresh if signed else None,
        device_token=signed.device if signed else None,
        expires_in=int(auth.sign_ins.tokens.access.total_seconds()),
    )

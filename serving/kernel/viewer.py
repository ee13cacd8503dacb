"""The viewer of a request: dependencies for routes that require a sign-in or a role."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from orchestration.contracts import AUTHENTICATE, Credentials, Pace, Role, Viewer
from serving.http.errors import NotAllowedError, OriginRefusedError
from serving.http.origin import from_our_own_page
from serving.http.renderer import from_renderer

ACCESS_COOKIE = "wsoptv_access"
REFRESH_COOKIE = "wsoptv_refresh"
# Scripts may read it: it says when the access token ends, in seconds since 1970.
UNTIL_COOKIE = "wsoptv_until"

_SAFE = frozenset(["GET", "HEAD", "OPTIONS"])
_RANKS: dict[Role, int] = {"user": 0, "moderator": 1, "admin": 2}

_bearer = HTTPBearer(
    auto_error=False, bearerFormat="JWT", description="The `access_token` of `POST /api/auth/login`."
)
_cookie = APIKeyCookie(
    name=ACCESS_COOKIE,
    auto_error=False,
    description="The same token as a cookie, which `POST /api/auth/login` sets for browsers.",
)

Bearer = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
Cookie = Annotated[str | None, Security(_cookie)]


async def read_tokens(request: Request) -> tuple[HTTPAuthorizationCredentials | None, str | None]:
    """Return the credentials that a route receives as `Bearer` and `Cookie`."""
    return await _bearer(request), await _cookie(request)


def address_of(request: Request) -> str:
    """Return the IP address of the client, as reported by a trusted proxy or the renderer of pages."""
    return request.client.host if request.client else "unknown"


def device_of(request: Request, longest: int = 120) -> str:
    """Return the device name of the client: its User-Agent, cut to `longest` printable characters."""
    agent = request.headers.get("user-agent", "")
    return "".join(filter(str.isprintable, agent))[:longest].strip() or "unknown device"


def token_of(request: Request, bearer: HTTPAuthorizationCredentials | None, cookie: str | None) -> str | None:
    """Return the access token of a request, or None.

    With an unsafe method, a cookie is accepted only from our own pages, because browsers also attach cookies
    to requests of other sites. Raises `OriginRefusedError`.
    """
    if bearer is not None:
        return bearer.credentials
    if cookie is not None and request.method not in _SAFE and not from_our_own_page(request):
        raise OriginRefusedError
    return cookie


def signed_in(pace: Pace | None = None) -> Callable[..., Awaitable[Viewer]]:
    """Return a dependency that authenticates the viewer, and counts the request against this rate limit.

    By default, the limit is that of its method.
    """

    async def viewer(request: Request, bearer: Bearer, cookie: Cookie) -> Viewer:
        token = token_of(request, bearer, cookie)
        credentials = Credentials(token, address_of(request), pace or pace_of(request))
        found: Viewer = await request.state.registry.ask(AUTHENTICATE, credentials)
        return found

    return viewer


def pace_of(request: Request) -> Pace:
    """Return the limit by which a request counts: that of its method.

    Reads of the renderer count separately: the request for their page has been counted already.
    """
    if request.method not in _SAFE:
        return "write"
    return "rendered" if from_renderer(request) else "read"


_signed_in = signed_in()


async def viewer_of(request: Request) -> Viewer:
    """Return the viewer that a route receives as `SignedIn`."""
    return await _signed_in(request, *await read_tokens(request))


SignedIn = Annotated[Viewer, Depends(_signed_in)]
SignedInForPicture = Annotated[Viewer, Depends(signed_in("picture"))]


def _at_least(role: Role) -> Callable[[Viewer], Awaitable[Viewer]]:
    async def check(viewer: SignedIn) -> Viewer:
        if _RANKS[viewer.role] < _RANKS[role]:
            raise NotAllowedError(f"This requires the role {role}; yours is {viewer.role}.")
        return viewer

    return check


Moderator = Annotated[Viewer, Depends(_at_least("moderator"))]
Admin = Annotated[Viewer, Depends(_at_least("admin"))]

"""The guard of the pages: who may see one is decided before it is rendered."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from orchestration.contracts import AUTHENTICATE, Credentials
from serving.http.errors import AuthRequiredError
from serving.kernel.viewer import ACCESS_COOKIE, address_of

UNTIL_COOKIE = "wsoptv_until"
"""The cookie with the end of the access token. A browser that has it has a sign-in that can be continued."""

TURN = "wsoptv_turn"
"""The field of a query that marks the way back from `/api/auth/continue`, against endless redirects."""

_PUBLIC = frozenset({"/sign-in", "/register", "/waiting", "/reset"})
_PUBLIC_FILES = frozenset(
    {"/icon.svg", "/favicon.ico", "/apple-icon.png", "/manifest.webmanifest", "/robots.txt"}
)


async def refused_page(request: Request) -> Response | None:
    """Return the response to send instead of the page, or None if the page may be rendered.

    Raises `AuthRequiredError` for requests by scripts and for prefetches: scripts renew the sign-in and ask
    again. Raises `RateLimitedError`.
    """
    if is_public(request.url.path):
        return None
    try:
        await _authenticate(request)
    except AuthRequiredError:
        if not is_navigation(request):
            raise
        return _redirect(request)
    return None


def is_public(path: str) -> bool:
    """Return whether a page needs no sign-in."""
    return path in _PUBLIC_FILES or path in _PUBLIC or path.startswith("/reset/")


def is_navigation(request: Request) -> bool:
    """Return whether a person opens a page, rather than a script or a prefetch."""
    if "rsc" in request.headers or "prefetch" in _purpose(request):
        return False
    mode = request.headers.get("sec-fetch-mode")
    if mode is not None:
        return mode == "navigate"
    return not request.headers.get("accept", "").startswith("application/json")


def _purpose(request: Request) -> str:
    return request.headers.get("sec-purpose", "") or request.headers.get("purpose", "")


async def _authenticate(request: Request) -> None:
    token = request.cookies.get(ACCESS_COOKIE)
    if not token:
        raise AuthRequiredError
    await request.state.registry.ask(AUTHENTICATE, Credentials(token, address_of(request), "request"))


def _redirect(request: Request) -> Response:
    """Return the way to the sign-in: to continue it without a question if there is one."""
    fields = request.url.query.split("&")
    kept = [field for field in fields if field.partition("=")[0] != TURN]
    may_continue = UNTIL_COOKIE in request.cookies and kept == fields
    path = request.url.path
    # `//host` and `/\host` would be addresses of other sites.
    is_local = not path.startswith("//") and "\\" not in path and "%5c" not in path.lower()
    there = (path + (f"?{'&'.join(kept)}" if any(kept) else "")) if is_local else "/"
    where = "/api/auth/continue" if may_continue else "/sign-in"
    return RedirectResponse(
        where if there == "/" else f"{where}?next={quote(there, safe='')}",
        status_code=303,
        headers={"cache-control": "private, no-store"},
    )

"""The guard of pages: decides, before a page is rendered, for whom, or where the browser is redirected.

A page cannot renew the tokens while it is rendered, because its response has begun by then.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from orchestration.contracts import AUTHENTICATE, Credentials, Viewer
from serving.http.errors import AuthRequiredError
from serving.http.local_paths import continue_path, destination, sign_in_path, without_turn
from serving.http.navigation import is_navigation, is_prefetch
from serving.kernel.viewer import ACCESS_COOKIE, UNTIL_COOKIE, address_of


@dataclass(frozen=True, slots=True)
class PageDecision:
    """Send the browser to `location`, or else render the page for `viewer`.

    `viewer` is None on a public page that is opened without a sign-in. `token` is the access token of the
    viewer, with which the renderer reads.
    """

    viewer: Viewer | None = None
    token: str | None = None
    location: str | None = None


async def decide(request: Request, *, public: bool = False) -> PageDecision:
    """Decide about a request for a page. A `public` page needs no sign-in.

    Without a valid access token, a navigation is sent to the renewal of the tokens, at most once, or to the
    sign-in page. Raises `AuthRequiredError` for any other request, such as a prefetch: a script can renew
    the tokens itself. Raises `RateLimitedError` beyond the limit of pages, and `BlockDownError`.
    """
    here = _path_of(request)
    token = request.cookies.get(ACCESS_COOKIE)
    viewer = await _viewer(request, token) if token or public else None
    if viewer is not None:
        # The mark of the renewal should not remain in addresses that people share.
        clean = without_turn(here)
        moved = clean != here and is_navigation(request)
        return PageDecision(location=destination(clean)) if moved else PageDecision(viewer, token)
    if public:
        return PageDecision()
    if is_prefetch(request) or not is_navigation(request):
        raise AuthRequiredError
    return PageDecision(location=_way_in(request, here))


def _way_in(request: Request, here: str) -> str:
    wanted = without_turn(here)
    if UNTIL_COOKIE in request.cookies and wanted == here:
        return continue_path(destination(wanted))
    return sign_in_path(destination(wanted))


async def _viewer(request: Request, token: str | None) -> Viewer | None:
    try:
        found: Viewer = await request.state.registry.ask(
            AUTHENTICATE, Credentials(token, address_of(request), "page")
        )
    except AuthRequiredError:
        return None
    return found


def _path_of(request: Request) -> str:
    """Return the path and the query as the browser sent them."""
    path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope["query_string"]
    return (path + b"?" + query if query else path).decode("latin-1")

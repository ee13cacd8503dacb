"""The guard of the web app: which pages need no sign-in, and which responses replace a page."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from serving.http.local_paths import see_other
from serving.http.navigation import is_navigation, is_prefetch
from serving.kernel.page_guard import decide

_PUBLIC = frozenset({"/sign-in", "/register", "/reset"})
_PUBLIC_RESET = re.compile(r"/reset/[\w.~-]+", re.ASCII)
_PUBLIC_FILES = frozenset(
    {"/icon.svg", "/favicon.ico", "/apple-icon.png", "/manifest.webmanifest", "/robots.txt"}
)


async def refused_page(request: Request) -> Response | None:
    """Return the response to send instead of the page, or None if the page may be rendered.

    Raises what `decide` raises: `AuthRequiredError` for requests by scripts and for prefetches, because
    scripts renew the sign-in and try again, and `RateLimitedError`.
    """
    decision = await decide(request, public=is_public(request.url.path))
    return see_other(decision.location) if decision.location is not None else None


def is_public(path: str) -> bool:
    """Return whether a page needs no sign-in."""
    return path in _PUBLIC | _PUBLIC_FILES or _PUBLIC_RESET.fullmatch(path) is not None


def is_opened(request: Request) -> bool:
    """Return whether a person opens the page, rather than a script or a prefetch."""
    return is_navigation(request) and not is_prefetch(request)

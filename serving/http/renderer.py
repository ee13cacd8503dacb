"""The renderer of pages: a process of this machine that requests data for a viewer's page.

It identifies itself by a key. Only with a valid key is the address that it sends trusted.
"""

from __future__ import annotations

from collections.abc import Iterable
from hmac import compare_digest
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

KEY_HEADER = "X-WSOPTV-Render"
ADDRESS_HEADER = "X-WSOPTV-Address"
_RENDERED = "wsoptv.rendered"


class RendererMiddleware:
    """Replaces the client's address in requests by the renderer with that of the person at the page."""

    def __init__(self, app: ASGIApp, keys: Iterable[str]) -> None:
        self._app, self._keys = app, [key.encode() for key in keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            shown = headers.get(KEY_HEADER, "").encode()
            if any(compare_digest(shown, key) for key in self._keys):
                scope[_RENDERED] = True
                _set_address(scope, headers.get(ADDRESS_HEADER, ""))
        await self._app(scope, receive, send)


def _set_address(scope: Scope, address: str) -> None:
    try:
        ip_address(address)
    except ValueError:
        return
    scope["client"] = (address, 0)


def from_renderer(request: HTTPConnection) -> bool:
    """Return whether the request came from a renderer with a valid key."""
    return _RENDERED in request.scope

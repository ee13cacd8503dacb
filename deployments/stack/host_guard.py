"""ASGI middleware that keeps pages of other sites away from a server on loopback.

Listening on loopback is not enough: a page in a browser on this machine can reach it, too, by the page's own
host name (DNS rebinding), or by requests whose response it cannot read but whose effect it wants.
"""

from __future__ import annotations

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from orchestration.loopback import LOOPBACK_NAMES, host_and_port

_DEFAULT_PORTS = {"http": 80, "https": 443}
# Scheme, name, port.
_Origin = tuple[str, str, int]


class HostGuard:
    """Respond 403 to a `Host` or an `Origin` that is neither a loopback name nor that of `ui_url`."""

    def __init__(self, app: ASGIApp, ui_url: str | None = None) -> None:
        self._app = app
        self._ui = _origin("/".join(ui_url.split("/")[:3])) if ui_url else None
        self._hosts = LOOPBACK_NAMES | ({self._ui[1]} if self._ui else set())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        why = None if scope["type"] == "lifespan" else self._refusal(scope)
        if why is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            # The server responds 403. It would log a denial with a body as an error of the application.
            await WebSocketClose(1008, why)(scope, receive, send)
        else:
            # In the form of Prefect's own errors, which its clients show.
            await JSONResponse({"exception_message": why}, 403)(scope, receive, send)

    def _refusal(self, scope: Scope) -> str | None:
        hosts, origins = _values(scope, b"host"), _values(scope, b"origin")
        named = host_and_port(hosts[0]) if len(hosts) == 1 else None
        if named is None or named[0] not in self._hosts:
            return "this Host is not allowed: use a loopback name, or set PREFECT_UI_URL where the server is started"
        if any(not self._is_ours(_origin(origin)) for origin in origins):
            return "pages of other sites may not send requests to this server"
        if not origins and _is_embedded(scope):
            return "pages of other sites may not load parts of this server"
        return None

    def _is_ours(self, origin: _Origin | None) -> bool:
        return origin is not None and (origin[1] in LOOPBACK_NAMES or origin == self._ui)


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1").strip() for key, value in scope["headers"] if key.lower() == name]


def _origin(value: str) -> _Origin | None:
    """Return the parts of a serialized origin (RFC 6454 §6.2); None for `null` and for anything else."""
    scheme, _, authority = value.lower().partition("://")
    named = host_and_port(authority)
    if named is None or scheme not in _DEFAULT_PORTS:
        return None
    return scheme, named[0], named[1] or _DEFAULT_PORTS[scheme]


def _is_embedded(scope: Scope) -> bool:
    """Return whether a page of another site loads this as a part of itself, such as an image or a frame.

    The browser sends this (Fetch Metadata §2). A link on another site opens a whole window, and is harmless.
    """
    site, dest = (_values(scope, b"sec-fetch-" + name) for name in (b"site", b"dest"))
    return site == ["cross-site"] and dest != ["document"]

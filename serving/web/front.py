"""The front of the pages: the guard, then the renderer, or else the plain page with the reason."""

from __future__ import annotations

import asyncio
import logging
import re
import zlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from orchestration.loopback import host_and_port
from orchestration.registry import BlockDownError
from serving.http.errors import ApiError, AuthRequiredError, RateLimitedError
from serving.kernel.renderer import Phase, Renderer
from serving.web.disconnect import while_connected
from serving.web.guard import is_opened, refused_page
from serving.web.headers import response_headers
from serving.web.plain_page import PlainPage
from serving.web.renderer_client import WHOLE, RendererClient, RenderError
from serving.web.static_files import accepted_codings, with_route

# These paths belong to the application, even where it has no route.
_OWN = ("/api", "/assets", "/docs", "/metrics", "/swagger", "/_next")
# The renderer would resolve these to another path than the one that the guard checked. No browser sends them.
_DOT_SEGMENT = re.compile(r"[/\\]\.\.?(?:[/\\]|\Z)")
PLAIN_PATH = "/plain"
# Higher levels cost more time than they save for pages of 100 kB.
_LEVEL = 5
_GZIP = 16 + zlib.MAX_WBITS
_COMPRESSED = ("text/", "application/json", "application/javascript", "image/svg+xml")

_log = logging.getLogger(__name__)


class PagesUnavailableError(ApiError):
    """The page cannot be rendered. Scripts then load the whole page, which gives the reason."""

    status = 503
    code = "PAGES_UNAVAILABLE"
    message = "The page cannot be made at the moment."


class HostInvalidError(ApiError):
    """The `Host` of the request is not a name with an optional port."""

    status = 400
    code = "BAD_REQUEST"
    message = "The request is malformed: its Host is not the name of a host."


class PageRoute(Route):
    """The route of every path that is not the application's own. Without a web app it is only `/`."""

    def __init__(self, path: str, front: Front) -> None:
        super().__init__(path, front, methods=["GET"], include_in_schema=False)
        self._front = front

    def matches(self, scope: Scope) -> tuple[Match, Any]:
        """Match the paths of pages."""
        is_page = scope["type"] == "http" and self._front.has(scope["path"])
        return with_route(self, super().matches(scope)) if is_page else (Match.NONE, {})


class Front:
    """Responds to requests for pages."""

    def __init__(self, renderer: Renderer, plain_page: PlainPage) -> None:
        self._renderer, self._plain_page = renderer, plain_page
        self._off = renderer.is_off

    def has(self, path: str) -> bool:
        """Return whether this is the path of a page."""
        if path in ("/", PLAIN_PATH):
            return True
        own = any(path == prefix or path.startswith(f"{prefix}/") for prefix in _OWN)
        return not (self._off or own or _DOT_SEGMENT.search(path))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if self._off or scope["path"] == PLAIN_PATH:
            await self._plain_page.whole()(scope, receive, send)
            return
        host = request.headers.get("host")
        if host is not None and host_and_port(host) is None:
            raise HostInvalidError
        try:
            other = await self._instead(request)
        except RenderError as error:
            other = self._explained(request, str(error))
        if other is not None:
            await other(scope, receive, send)
            return
        await while_connected(self._rendered(request, scope, receive, send), receive)

    async def _instead(self, request: Request) -> Response | None:
        """Return a response that needs no renderer, or None.

        While pages cannot be rendered, there is no sign-in page either; the plain page has its own sign-in.
        """
        problem = self._renderer.read().problem
        if problem is not None:
            raise RenderError(problem)
        try:
            return await refused_page(request)
        except AuthRequiredError:
            raise
        except RateLimitedError as error:
            if not is_opened(request):
                raise
            return self._plain_page.with_reason(error.text, error.status)
        except (ApiError, BlockDownError, SQLAlchemyError) as error:
            _log.warning("the sign-in of a page cannot be checked: %s", str(error).partition("\n")[0])
            raise RenderError("Your sign-in cannot be checked at the moment. Reload in a moment.") from error

    def _explained(self, request: Request, reason: str) -> Response:
        """Return the plain page with the reason.

        It is the page of this installation (200 at `/`) if there is nothing to render with; otherwise the
        page may work again soon (503). Raises `PagesUnavailableError` for scripts.
        """
        if not is_opened(request):
            raise PagesUnavailableError(reason, headers={"retry-after": "5"})
        lasting = self._renderer.read().phase in (Phase.NOT_BUILT, Phase.NO_NODE)
        return self._plain_page.with_reason(reason, 200 if lasting and request.url.path == "/" else 503)

    async def _rendered(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the page of the renderer, or the plain page."""
        client: RendererClient = request.state.pages
        try:
            async with client.page(request) as page, asyncio.timeout(WHOLE):
                await _send(page, request, send)
        except RenderError as error:
            await self._explained(request, str(error))(scope, receive, send)
        except (httpx.TransportError, TimeoutError) as error:
            # The server closes the client's connection, which shows that the page is incomplete.
            _log.warning("a page ended early: %s", str(error) or type(error).__name__)


async def _send(page: httpx.Response, request: Request, send: Send) -> None:
    """Send a page as it is made, compressed if the client accepts it."""
    compress = _may_compress(page, request)
    host = request.headers.get("host", "")
    headers = response_headers(page.headers.raw, host, compressed=compress)
    await send({"type": "http.response.start", "status": page.status_code, "headers": headers})
    if request.method != "HEAD":
        body = page.aiter_raw()
        async for part in _compressed(body) if compress else body:
            await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _may_compress(page: httpx.Response, request: Request) -> bool:
    codings = accepted_codings(request.headers.get("accept-encoding", ""))
    return (
        codings.get("gzip", 0.0) > 0
        and request.method == "GET"
        and page.status_code not in (204, 304)
        and "content-encoding" not in page.headers
        and page.headers.get("content-type", "").startswith(_COMPRESSED)
    )


async def _compressed(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the gzip format of each part at once, so that browsers show the beginning of a page early."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    async for part in parts:
        yield packer.compress(part) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()

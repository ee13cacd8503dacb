"""The client of the renderer: one request, bounded in number and time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from starlette.requests import Request

from serving.http.tls import certificates
from serving.kernel.renderer import Phase, Renderer
from serving.web.headers import request_headers

# Seconds until the head of a response, including the wait for other pages and for a renderer that starts.
FIRST_BYTE = 10.0
# Seconds between two parts of a page, and for a whole page: a slow client delays others.
_PART, WHOLE = 10.0, 60.0
# Seconds between two checks of a renderer that starts.
_LOOK = 0.05
_ATTEMPTS = 3
# Node closes an idle connection after 5 s; the application never closes one in use.
_IDLE = 4.0


class RenderError(Exception):
    """The renderer made no page; the message says why and what to do."""


_TOO_LATE = f"The page was not ready after {FIRST_BYTE:g} seconds. Reload in a moment; `wsoptv doctor` and web.log say more."
_BROKEN = "The program that makes the pages closed the connection. Reload in a moment; web.log says more."


class RendererClient:
    """Requests pages, at most `renderer.most` at the same time."""

    def __init__(self, renderer: Renderer, client: httpx.AsyncClient) -> None:
        self._renderer, self._client = renderer, client
        self._places = asyncio.Semaphore(renderer.most)

    @asynccontextmanager
    async def page(self, request: Request) -> AsyncIterator[httpx.Response]:
        """Yield the response of the renderer before its body is read. Raises `RenderError`."""
        deadline = asyncio.get_running_loop().time() + FIRST_BYTE
        try:
            async with asyncio.timeout_at(deadline):
                await self._places.acquire()
        except TimeoutError:
            raise RenderError("Too many pages are being made. Reload in a moment.") from None
        try:
            try:
                async with asyncio.timeout_at(deadline):
                    response = await self._opened(request)
            except (TimeoutError, httpx.TimeoutException):
                raise RenderError(_TOO_LATE) from None
            try:
                yield response
            finally:
                await response.aclose()
        finally:
            self._places.release()

    async def _opened(self, request: Request) -> httpx.Response:
        """Return the response once its head has arrived.

        An attempt fails if the renderer has just been replaced, or closes an idle connection.
        """
        for attempt in range(_ATTEMPTS):
            sent = self._client.build_request(
                request.method,
                httpx.URL(f"http://127.0.0.1:{await self._port()}").copy_with(raw_path=_target(request)),
                headers=request_headers(request, self._renderer.key),
            )
            try:
                return await self._client.send(sent, stream=True)
            except httpx.TimeoutException:
                raise
            except httpx.TransportError:
                # In this time, its supervisor may notice that it has ended.
                await asyncio.sleep(0.2 * attempt)
        raise RenderError(self._renderer.read().problem or _BROKEN)

    async def _port(self) -> int:
        """Return the port of the renderer, once it has started."""
        while True:
            state = self._renderer.read()
            if state.phase is Phase.READY:
                return state.port
            if state.problem is not None:
                raise RenderError(state.problem)
            await asyncio.sleep(_LOOK)


@asynccontextmanager
async def open_client(renderer: Renderer) -> AsyncIterator[RendererClient]:
    """Yield a client, and close its connections at the end."""
    limits = httpx.Limits(
        max_connections=renderer.most, max_keepalive_connections=renderer.most, keepalive_expiry=_IDLE
    )
    async with httpx.AsyncClient(
        limits=limits, timeout=_PART, trust_env=False, verify=certificates(), follow_redirects=False
    ) as client:
        yield RendererClient(renderer, client)


def _target(request: Request) -> bytes:
    """Return path and query as the client sent them."""
    path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope["query_string"]
    return path + (b"?" + query if query else b"")

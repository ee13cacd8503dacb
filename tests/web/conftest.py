"""An application in front of a renderer, which is a stub that behaves as a test asks."""

from __future__ import annotations

import asyncio
import gzip
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from orchestration.settings import Settings
from serving.app import create_app
from serving.kernel.renderer import Phase, Renderer, RendererState
from serving.kernel.viewer import ACCESS_COOKIE
from tests.serving.conftest import QuickServer, eventually, serving, sign_in
from tests.serving.shared_streams import database_url, settings, shelf, site, site_settings

__all__ = ["database_url", "settings", "shelf", "site", "site_settings"]

KEY = "the key of this start"
POLICY = "script-src 'nonce-abc'"


@dataclass
class Stub:
    """A renderer in a thread of the tests."""

    state: RendererState = field(default_factory=lambda: RendererState(Phase.STARTING))
    open: int = 0
    most_open: int = 0
    cancelled: threading.Event = field(default_factory=threading.Event)
    may_end: threading.Event = field(default_factory=threading.Event)

    def app(self) -> Starlette:
        pages = {
            "/": self.page,
            "/sign-in": self.page,
            "/headers": self.headers,
            "/slow": self.slow,
            "/big": self.big,
            "/cut": self.cut,
            "/away": self.away,
            "/failed": self.failed,
        }
        return Starlette(routes=[Route(path, page) for path, page in pages.items()])

    async def page(self, _: Request) -> Response:
        headers = {
            "content-security-policy": POLICY,
            "cache-control": "no-store, must-revalidate",
            "set-cookie": "from=node",
            "x-powered-by": "Next.js",
            "vary": "rsc",
            "x-middleware-rewrite": "/elsewhere",
            "connection": "x-inner",
            "x-inner": "1",
            "etag": '"page"',
        }
        return HTMLResponse("<h1>rendered</h1>", headers=headers)

    async def headers(self, request: Request) -> Response:
        return JSONResponse({**request.headers, "target": str(request.url.query), "path": request.url.path})

    async def slow(self, _: Request) -> Response:
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            while not self.may_end.is_set():
                await asyncio.sleep(0.02)
        finally:
            self.open -= 1
        return HTMLResponse("<h1>late</h1>")

    async def big(self, _: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            try:
                yield b"<h1>begun</h1>"
                while not self.may_end.is_set():
                    yield b"<!-- -->"
                    await asyncio.sleep(0.02)
                for _ in range(400):
                    yield b"<p>0123456789</p>" * 1000
            finally:
                self.cancelled.set()

        return StreamingResponse(parts(), media_type="text/html")

    async def cut(self, _: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            yield b"<h1>begun</h1>"
            raise RuntimeError("the renderer breaks off")

        return StreamingResponse(parts(), media_type="text/html")

    async def away(self, request: Request) -> Response:
        return RedirectResponse(request.query_params["to"], 307)

    async def failed(self, _: Request) -> Response:
        return HTMLResponse("<h1>an error page of the web app</h1>", 500)


@contextmanager
def running_stub() -> Iterator[Stub]:
    stub = Stub()
    server = QuickServer(uvicorn.Config(stub.app(), port=0, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually(lambda: server.started)
        stub.state = RendererState(Phase.READY, server.servers[0].sockets[0].getsockname()[1])
        yield stub
    finally:
        stub.may_end.set()
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def running() -> Iterator[Stub]:
    with running_stub() as stub:
        yield stub


@pytest.fixture
def stub(running: Stub) -> Iterator[Stub]:
    """Return the stub, without the changes of earlier tests."""
    before = running.state
    running.most_open, running.open = 0, 0
    running.cancelled.clear()
    running.may_end.clear()
    yield running
    running.state = before
    running.may_end.set()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with static files, as a build leaves it."""
    folder = tmp_path_factory.mktemp("app") / "files"
    chunk = folder / "_next" / "static" / "chunks" / "[id]-0a1b.js"
    chunk.parent.mkdir(parents=True)
    text = b"console.log('a chunk');" * 100
    chunk.write_bytes(text)
    chunk.with_name(chunk.name + ".gz").write_bytes(gzip.compress(text))
    # Python has no Brotli; any other bytes serve the purpose.
    chunk.with_name(chunk.name + ".br").write_bytes(b"brotli")
    (folder / "icon.png").write_bytes(b"a picture")
    (folder.parent / "server.js").write_text("secret")
    (folder / "link.js").symlink_to(folder.parent / "server.js")
    return folder


@pytest.fixture
def anonymous(settings: Settings, stub: Stub, files: Path) -> Iterator[httpx.Client]:
    """Yield a client of the application in front of the stub."""
    renderer = Renderer(lambda: stub.state, files, KEY, most=4)
    with serving(create_app(settings, renderer=renderer)) as client:
        yield client


@pytest.fixture
def person(settings: Settings, anonymous: httpx.Client) -> httpx.Client:
    """Return that client as the browser of a person who is signed in."""
    anonymous.cookies.set(ACCESS_COOKIE, sign_in(settings).token)
    return anonymous

"""The home page from L1, compared with a route of the same application that returns a constant."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median

import uvicorn
from sqlalchemy.orm import Session

from benchmarks.home import BenchHome, bench_home
from benchmarks.results import Result
from benchmarks.streaming import bearer, served, sign_in
from catalog_models.writes import contents
from orchestration.settings import Settings
from serving.app import create_app
from serving.kernel.viewer import SignedIn

_SERVE = (sys.executable, "-c", "from benchmarks.home_rows import serve; serve()")
_CLIENTS, _ROUNDS, _SECONDS = 16, 5, 2.0
# A home page has at most 20 titles of each of 8 series.
_SERIES, _TITLES = 8, 25


def measure(_archive: Path) -> list[Result]:
    """Request the routes of one process alternately, by 16 clients; the figures are medians of the rounds."""
    with bench_home("rows") as home:
        _fill(home)
        with served(home, _SERVE, READ_LIMIT_PER_MINUTE="1000000000") as server:
            signed_in = bearer(sign_in(home, server))
            requests = {
                "constant": _request("/api/constant", {}),
                "known": _request("/api/constant/known", signed_in),
                "home": _request("/api/home", signed_in),
            }
            micros = asyncio.run(_micros(server.port, requests))
    what = "`/api/home` from L1, per request, beside a constant"
    return [
        Result(what, micros["home"], micros["constant"], "µs", 1 / 0.6),
        Result(f"{what} that needs a sign-in", micros["home"], micros["known"], "µs", None),
    ]


def _fill(home: BenchHome) -> None:
    with Session(home.transactions.engine) as session:
        series = contents.series_ids(
            session,
            [(f"WSOP {year}", {"brand": "WSOP", "year": year}) for year in range(2000, 2000 + _SERIES)],
        )
        rows = [
            {
                "title": f"{name} Main Event – Day {day}",
                "short_title": f"Main Event – Day {day}",
                "content_key": f"{name} {day}",
                "series_id": series_id,
                "event_type": "main_event",
                "content_type": "stream",
                "is_visible": True,
                "status": "ready",
            }
            for name, series_id in series.items()
            for day in range(_TITLES)
        ]
        contents.create(session, rows)
        session.commit()


def serve() -> None:
    """Serve the application and two routes of constants on a free port, until a signal.

    `_SERVE` runs this.
    """
    app = create_app(Settings())

    @app.get("/api/constant")
    async def constant() -> dict[str, list[str]]:
        return {"rows": []}

    @app.get("/api/constant/known")
    async def constant_for(_: SignedIn) -> dict[str, list[str]]:
        return {"rows": []}

    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(f"READY http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False)).run(sockets=[listener])


async def _micros(port: int, requests: Mapping[str, bytes]) -> dict[str, float]:
    """Return the microseconds per request of each route: the medians of alternating rounds."""
    rounds = [
        {name: await _rate(port, request) for name, request in requests.items()} for _ in range(_ROUNDS + 1)
    ]
    return {name: 1e6 / median(one[name] for one in rounds[1:]) for name in requests}


def _request(path: str, headers: Mapping[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode()


async def _rate(port: int, request: bytes) -> float:
    """Return responses per second."""
    began = time.monotonic()
    until = began + _SECONDS
    counts = await asyncio.gather(*(_ask(port, request, until) for _ in range(_CLIENTS)))
    return sum(counts) / (time.monotonic() - began)


async def _ask(port: int, request: bytes, until: float) -> int:
    count = 0
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        count += 1
    writer.close()
    await writer.wait_closed()
    return count

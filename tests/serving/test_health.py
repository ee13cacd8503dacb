"""Health under load: one measurement serves all callers, and a busy server does not count as down."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlalchemy import text

from orchestration.settings import Settings
from serving.app import BLOCKS, create_app
from serving.kernel.block import Block, OpenBlock, Ping
from serving.kernel.context import Context
from serving.monitoring import probes
from serving.monitoring.probes import Monitor, Pings, State
from tests.serving.conftest import Shelf, eventually, serving, sign_in, signed_in
from tests.serving.shared_streams import anonymous, database_url, settings, shelf, site, site_settings

__all__ = ["anonymous", "database_url", "settings", "shelf", "site", "site_settings"]

CALLERS = 200


@pytest.fixture
def pinged() -> list[float]:
    """Return the times at which the block of `counted` was pinged."""
    return []


@pytest.fixture
def counted(settings: Settings, pinged: list[float]) -> Iterator[httpx.Client]:
    """Yield a client of a server with one more block, whose pings are counted."""

    async def ping() -> None:
        pinged.append(time.monotonic())
        await asyncio.sleep(0)

    @asynccontextmanager
    async def opened(_: Context) -> AsyncIterator[OpenBlock]:
        yield OpenBlock(None, ping)

    with serving(create_app(settings, (*BLOCKS, Block("counted", opened)))) as client:
        yield client


async def _status(url: httpx.URL, path: str) -> int:
    """Return the status of the response.

    A new httpx client would take longer to connect than the server to respond.
    """
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {url.host}\r\nConnection: close\r\n\r\n".encode())
    status = int((await reader.readline()).split()[1])
    await reader.read()
    writer.close()
    return status


async def _flood(url: httpx.URL, path: str) -> Counter[int]:
    return Counter(await asyncio.gather(*(_status(url, path) for _ in range(CALLERS))))


def test_many_callers_share_few_pings(counted: httpx.Client, pinged: list[float]) -> None:
    began = time.monotonic()
    assert asyncio.run(_flood(counted.base_url, "/api/health")) == {200: CALLERS}
    assert 1 <= len(pinged) <= 1 + (time.monotonic() - began) / probes.FRESH


def test_an_exhausted_pool_does_not_count_as_a_database_outage(
    settings: Settings, shelf: Shelf, anonymous: httpx.Client
) -> None:
    waiting = text("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")

    def pool_is_used_up() -> bool:
        with shelf.engine.connect() as observer:
            return bool(observer.scalar(waiting) == 20)

    with signed_in(anonymous, sign_in(settings)) as client, ThreadPoolExecutor(40) as callers:
        with shelf.engine.begin() as holder:
            holder.execute(text("lock table contents"))
            asking = [callers.submit(client.get, "/api/contents") for _ in range(40)]
            eventually(pool_is_used_up)
            health = anonymous.get("/api/health")
        assert {answer.result().status_code for answer in asking} <= {200, 503}
    assert (health.status_code, health.json()["status"]) == (200, "degraded")
    assert (health.json()["dependencies"]["postgres"], health.json()["blocks"]["auth"]) == (
        "connected",
        "healthy",
    )


def test_liveness_checks_nothing_else(counted: httpx.Client, pinged: list[float]) -> None:
    answer = counted.get("/api/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})
    assert counted.head("/api/health/live").status_code == 200
    assert pinged == []


def _measured(ping: Ping) -> State:
    return asyncio.run(Monitor(Pings({}, {"it": ping})).states()).dependencies["it"]


def test_a_late_response_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "SLOW", 0.06)
    assert _measured(lambda: asyncio.sleep(0.2)) is State.SLOW


def test_a_delay_of_the_process_itself_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "SLOW", 0.1)
    monkeypatch.setattr(probes, "DOWN", 0.2)

    async def blocks_the_loop() -> None:
        for _ in range(2):
            await asyncio.sleep(0)
            time.sleep(0.3)

    assert _measured(blocks_the_loop) is State.UP


def test_a_ping_is_repeated_after_a_client_timeout() -> None:
    problems = [TimeoutError("of the client")]

    async def ping() -> None:
        await asyncio.sleep(0)
        if problems:
            raise problems.pop()

    assert _measured(ping) is State.UP


def test_a_refused_connection_is_down_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "DOWN", 1000)

    async def ping() -> None:
        raise ConnectionRefusedError

    assert _measured(ping) is State.DOWN


def test_a_ping_that_ignores_cancellation_does_not_delay_a_measurement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(probes, "DOWN", 0.1)

    async def scenario() -> None:
        released = asyncio.Event()

        async def ping() -> None:
            while not released.is_set():
                try:
                    await released.wait()
                except asyncio.CancelledError:
                    continue

        now = 0.0
        monitor = Monitor(Pings({}, {"it": ping}), clock=lambda: now)
        assert (await monitor.states()).dependencies["it"] is State.DOWN
        released.set()
        assert (await monitor.states()).dependencies["it"] is State.DOWN, "fresh"
        now = probes.FRESH
        assert (await monitor.states()).dependencies["it"] is State.UP

    asyncio.run(scenario())


def test_a_disconnected_caller_does_not_cancel_the_measurement() -> None:

    async def scenario() -> None:
        go_on, pings = asyncio.Event(), 0

        async def ping() -> None:
            nonlocal pings
            pings += 1
            await go_on.wait()

        monitor = Monitor(Pings({}, {"it": ping}))
        first, second = (asyncio.create_task(monitor.states()) for _ in range(2))
        while not pings:
            await asyncio.sleep(0)
        first.cancel()
        go_on.set()
        assert ((await second).dependencies["it"], pings) == (State.UP, 1)

    asyncio.run(scenario())

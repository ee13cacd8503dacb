"""A database that hangs is waited for as long as configured, and no longer."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from catalog_models import engine as engines
from orchestration.settings import Settings
from serving.app import create_app
from tests.serving.conftest import Shelf, serving
from tests.serving.shared_streams import anonymous, database_url, settings, shelf, site, site_settings
from tests.serving.test_stream import code

__all__ = ["anonymous", "database_url", "settings", "shelf", "site", "site_settings"]


@asynccontextmanager
async def hung(database_url: str) -> AsyncIterator[AsyncConnection]:
    """Yield a connection whose server process has been stopped."""
    engine = engines.make_async_engine(database_url)
    async with engine.connect() as connection:
        server = await connection.scalar(text("select pg_backend_pid()"))
        os.kill(server, signal.SIGSTOP)
        try:
            yield connection
        finally:
            os.kill(server, signal.SIGCONT)
    await engine.dispose()


def test_a_statement_without_a_response_times_out(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "RESPONSE_TIMEOUT", 0.2)

    async def ask() -> None:
        async with hung(database_url) as connection:
            with pytest.raises(OperationalError, match="has not responded") as caught:
                await connection.execute(text("select 1"))
            assert caught.value.connection_invalidated

    asyncio.run(ask())


def test_a_cancelled_request_does_not_wait_for_a_hanging_server(database_url: str) -> None:
    async def ask() -> None:
        async with hung(database_url) as connection:
            asking = asyncio.create_task(connection.execute(text("select 1")))
            await asyncio.sleep(0.1)
            asking.cancel()
            # psycopg alone would wait ten seconds.
            done, _ = await asyncio.wait({asking}, timeout=3)
            assert done

    asyncio.run(ask())


def test_a_locked_table_counts_as_an_unavailable_database(
    client: httpx.Client, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "RESPONSE_TIMEOUT", 0.2)
    with shelf.engine.begin() as holder:
        holder.execute(text("lock table contents"))
        answer = client.get("/api/contents")
        assert (answer.status_code, code(answer)) == (503, "DATABASE_UNAVAILABLE")
    assert client.get("/api/contents").status_code == 200


def test_health_reports_a_hanging_database(settings: Settings, shelf: Shelf) -> None:
    with serving(create_app(settings)) as client:
        with shelf.engine.begin() as holder:
            holder.execute(text("lock table users"))
            answer: httpx.Response = client.get("/api/health")
            assert answer.status_code == 503
            assert answer.json()["blocks"]["auth"] == "unhealthy"
            assert answer.json()["dependencies"]["postgres"] == "connected"
        assert client.get("/api/health").json()["blocks"]["auth"] == "healthy"


def test_metrics_are_returned_while_the_database_hangs(anonymous: httpx.Client, shelf: Shelf) -> None:
    assert "active_streams 0.0" in anonymous.get("/metrics").text
    with shelf.engine.begin() as holder:
        holder.execute(text("lock table playback_sessions"))
        told = anonymous.get("/metrics")
        assert told.status_code == 200
        assert "error_rate" in told.text
        assert "active_streams" not in told.text

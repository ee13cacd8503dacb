"""The command line and the flows on a Prefect server that all tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import psycopg
import pytest

from tasks.quality import Gate
from tests.cli.conftest import Command, Inside


@pytest.fixture
def wsoptv(tmp_path: Path, database_url: str, redis_url: str, own_prefect: dict[str, str]) -> Command:
    """Return the command on the session's servers, with a new home and database."""
    servers = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, **own_prefect}
    return Command(tmp_path / "home", servers)


@pytest.fixture
def inside(wsoptv: Command, prefect_connection: None, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return the command in this process with the session's gate, which takes long to load."""
    monkeypatch.setattr("deployments.prefect.jobs.Gate", lambda: nullcontext(gate))
    return Inside(wsoptv.home, wsoptv.more)


Ask = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture
def ask(database_url: str) -> Iterator[Ask]:
    """Return rows of the test's database."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield lambda query: connection.execute(query.encode()).fetchall()


@contextmanager
def writes_blocked(database_url: str, table: str) -> Iterator[None]:
    """Lock a table against writes during the block, so that a run waits in the middle."""
    with psycopg.connect(database_url) as connection:
        connection.execute(f"lock table {table} in exclusive mode".encode())
        yield

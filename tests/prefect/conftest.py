"""The command line and the flows on a Prefect server that all tests share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

import psycopg
import pytest

from deployments.observed import prefect_in_use
from orchestration.settings import Settings
from tests.cli.conftest import Command
from tests.flows.conftest import Archive, attributes, clips, engine, ingest, pool
from tests.prefect.api import Api

__all__ = ["attributes", "clips", "engine", "ingest", "pool"]


@pytest.fixture(scope="session")
def api(prefect: str) -> Api:
    return Api(prefect)


@pytest.fixture
def archive(tmp_path: Path, clips: dict[str, bytes]) -> Archive:
    root = tmp_path / "archive"
    root.mkdir()
    return Archive(root, clips)


@pytest.fixture
def wsoptv(tmp_path: Path, database_url: str, redis_url: str, prefect: str) -> Command:
    """The command on the session's servers, with a home and a database of its own."""
    servers = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "PREFECT_API_URL": prefect}
    return Command(tmp_path / "home", servers)


Ask = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture
def ask(database_url: str) -> Ask:
    """Rows of the test's database."""

    def rows(query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(database_url) as connection:
            return connection.execute(query.encode()).fetchall()

    return rows


@contextmanager
def writes_blocked(database_url: str, table: str) -> Iterator[None]:
    """Let nobody write a table: whoever wants to waits, in the middle of a run, for as long as we are inside."""
    with psycopg.connect(database_url) as connection:
        connection.execute(f"lock table {table} in exclusive mode".encode())
        yield


@pytest.fixture(scope="session")
def observed(prefect: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Prefect in this process. It reads its settings when it is first imported: flows are imported by tests that ask
    for this, and inside of them."""
    settings = Settings(WSOPTV_HOME=tmp_path_factory.mktemp("observed"), PREFECT_API_URL=prefect)
    with ExitStack() as held:
        with patch.dict(os.environ):
            held.enter_context(prefect_in_use(settings, "tests"))
            import prefect as _prefect  # noqa: F401
        yield


@pytest.fixture(scope="session")
def deployed(prefect: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The deployments, at the session's server."""
    Command(tmp_path_factory.mktemp("deploy"), {"PREFECT_API_URL": prefect}).json("deploy")

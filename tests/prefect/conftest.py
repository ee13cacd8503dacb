"""The command line and the flows on a Prefect server that all tests share."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from unittest.mock import patch

import psycopg
import pytest

from deployments.observed import prefect_in_use
from deployments.stack.layout import PREFECT, Layout
from orchestration.settings import Settings
from tests.cli.conftest import Command, Inside
from tests.flows.conftest import Archive, attributes, clips, engine, ingest, pool

__all__ = ["attributes", "clips", "engine", "ingest", "pool"]


@pytest.fixture(scope="session")
def with_tables(server_home: Path, prefect: str) -> Callable[[Path], Path]:
    """Gives a home a Prefect database that has its tables: making them takes as long as all else of a first start."""

    def give(home: Path) -> Path:
        layout = Layout(home, PREFECT)
        layout.make()
        source = Layout(server_home, PREFECT).base / "prefect.db"
        with (
            closing(sqlite3.connect(source)) as known,
            closing(sqlite3.connect(layout.base / source.name)) as new,
        ):
            known.backup(new)
        return home

    return give


@pytest.fixture
def archive(tmp_path: Path, clips: dict[str, bytes]) -> Archive:
    root = tmp_path / "archive"
    root.mkdir()
    return Archive(root, clips)


@pytest.fixture
def wsoptv(tmp_path: Path, database_url: str, redis_url: str, own_prefect: dict[str, str]) -> Command:
    """The command on the package's servers, with a home and a database of its own."""
    servers = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, **own_prefect}
    return Command(tmp_path / "home", servers)


@pytest.fixture
def inside(wsoptv: Command, observed: None) -> Command:
    """The same in this process."""
    return Inside(wsoptv.home, wsoptv.more)


Ask = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture
def ask(database_url: str) -> Iterator[Ask]:
    """Rows of the test's database."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield lambda query: connection.execute(query.encode()).fetchall()


@contextmanager
def writes_blocked(database_url: str, table: str) -> Iterator[None]:
    """Let nobody write a table: whoever wants to waits, in the middle of a run, for as long as we are inside."""
    with psycopg.connect(database_url) as connection:
        connection.execute(f"lock table {table} in exclusive mode".encode())
        yield


@pytest.fixture(scope="session")
def observed(own_prefect: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Prefect in this process. It reads its settings when it is first imported: flows are imported by tests that ask
    for this, and inside of them."""
    home = tmp_path_factory.mktemp("observed")
    with patch.dict(os.environ, own_prefect):
        settings = Settings(WSOPTV_HOME=home)
    with ExitStack() as held:
        with patch.dict(os.environ):
            held.enter_context(prefect_in_use(settings, "tests"))
            import prefect as _prefect  # noqa: F401
        yield


@pytest.fixture(scope="session")
def deployed(own_prefect: dict[str, str], observed: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The deployments, at the package's server."""
    Inside(tmp_path_factory.mktemp("deploy"), own_prefect).json("deploy")

"""One Prefect server a session, and Prefect in the process of the tests."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from deployments.observed import prefect_in_use
from deployments.stack import use_prefect
from deployments.stack.layout import PREFECT, Layout
from orchestration.home import embedded_prefect_auth
from orchestration.settings import Settings
from tests.cli.conftest import Inside
from tests.prefect.api import Api


@pytest.fixture(scope="session")
def server_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prefect")


@pytest.fixture(scope="session")
def prefect_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the first server of the session leaves a copy of its database, for all workers."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    return shared / "prefect-tables.db"


@pytest.fixture(scope="session")
def prefect(server_home: Path, prefect_tables: Path) -> Iterator[str]:
    """Yield the address of the API of the session's Prefect server, which takes longer to start than most tests.

    Creating its tables takes as long as all else of a start. Only the first server of the session does.
    """
    with ExitStack() as held:
        with _locked(prefect_tables.with_suffix(".lock")):
            is_first = not prefect_tables.exists()
            if not is_first:
                give_tables(prefect_tables, server_home)
            settings = Settings(WSOPTV_HOME=server_home, PREFECT_API_URL=None)
            url = held.enter_context(use_prefect(settings, "tests"))
            if is_first:
                _copy(_database(server_home), prefect_tables)
        yield url


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def give_tables(tables: Path, home: Path) -> Path:
    """Give a home a Prefect database that has its tables."""
    Layout(home, PREFECT).make()
    _copy(tables, _database(home))
    return home


def _database(home: Path) -> Path:
    return Layout(home, PREFECT).base / "prefect.db"


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as known, closing(sqlite3.connect(target)) as new:
        known.backup(new)


@pytest.fixture(scope="session")
def own_prefect(server_home: Path, prefect: str) -> dict[str, str]:
    """The variables by which others use that server, as one of their own."""
    return {"PREFECT_API_URL": prefect, "PREFECT_API_AUTH_STRING": embedded_prefect_auth(server_home) or ""}


@pytest.fixture(scope="session")
def api(own_prefect: dict[str, str]) -> Api:
    """That server, as its UI calls it."""
    return Api(own_prefect["PREFECT_API_URL"], own_prefect["PREFECT_API_AUTH_STRING"])


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

"""A Prefect server per session, and Prefect in the process of the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

import pytest

from deployments.prefect.command_runs import prefect_in_use
from deployments.stack import use_prefect
from orchestration.home import embedded_prefect_auth
from orchestration.settings import Settings
from tests.cli.conftest import Inside
from tests.prefect.api import Api

# A new server registers 55 block types, which takes a second. WSOPTV uses none of them. The demo of the tests
# does register them.
WITHOUT_BLOCKS = {"PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false"}


@pytest.fixture(scope="session")
def server_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prefect")


@pytest.fixture(scope="session")
def prefect(server_home: Path) -> Iterator[str]:
    """Yield the address of the API of the session's Prefect server, which starts slowly."""
    settings = Settings(WSOPTV_HOME=server_home, PREFECT_API_URL=None)
    with ExitStack() as held:
        with patch.dict(os.environ, WITHOUT_BLOCKS):
            url = held.enter_context(use_prefect(settings, "tests"))
        yield url


@pytest.fixture(scope="session")
def own_prefect(server_home: Path, prefect: str) -> dict[str, str]:
    """Return the variables with which other homes use that server."""
    return {"PREFECT_API_URL": prefect, "PREFECT_API_AUTH_STRING": embedded_prefect_auth(server_home) or ""}


@pytest.fixture(scope="session")
def api(own_prefect: dict[str, str]) -> Api:
    """Return a client of that server."""
    return Api(own_prefect["PREFECT_API_URL"], own_prefect["PREFECT_API_AUTH_STRING"])


@pytest.fixture(scope="session")
def prefect_connection(
    own_prefect: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Connect Prefect in this process to that server.

    Prefect reads its settings when it is first imported, so tests import flows inside functions and use this
    fixture.
    """
    home = tmp_path_factory.mktemp("prefect-connection")
    with patch.dict(os.environ, own_prefect):
        settings = Settings(WSOPTV_HOME=home)
    with ExitStack() as held:
        with patch.dict(os.environ):
            held.enter_context(prefect_in_use(settings, "tests"))
            import prefect as _prefect  # noqa: F401
        yield


@pytest.fixture(scope="session")
def deployed(
    own_prefect: dict[str, str], prefect_connection: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Register the deployments with that server."""
    Inside(tmp_path_factory.mktemp("deploy"), own_prefect).json("deploy")

"""One Prefect server a session, and Prefect in the process of the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

import pytest

from deployments.observed import prefect_in_use
from deployments.stack import use_prefect
from orchestration.settings import Settings
from tests.cli.conftest import Inside


@pytest.fixture(scope="session")
def server_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prefect")


@pytest.fixture(scope="session")
def prefect(server_home: Path) -> Iterator[str]:
    """The address of the API of one Prefect server: starting one takes longer than most tests."""
    with use_prefect(Settings(WSOPTV_HOME=server_home, PREFECT_API_URL=None), "tests") as url:
        yield url


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
def deployed(prefect: str, observed: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The deployments, at the package's server."""
    Inside(tmp_path_factory.mktemp("deploy"), {"PREFECT_API_URL": prefect}).json("deploy")

"""WSOPTV on several hosts, as in the compose file.

Prefect uses the system's PostgreSQL, and Redis for events. The workers share only these servers and the
archive.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
import yaml

from deployments.stack.prefect_server import is_healthy
from deployments.stack.programs import REDIS
from tests.cli.conftest import Command, Inside
from tests.folders import open_folder
from tests.plugins.ingest import Archive
from tests.prefect.api import LOOK_SECONDS, Api
from tests.prefect.conftest import writes_blocked
from tests.prefect.debian_postgres import PROGRAMS, running_postgres
from tests.prefect.test_workers import running_worker
from tests.processes import running
from tests.stack.conftest import until

_AUTH = "of:the tests"
_COMPOSE = Path(__file__).parents[2] / "deployments/compose.yaml"

pytestmark = pytest.mark.skipif(
    PROGRAMS is None, reason="the package postgresql is not installed: Prefect needs its extension pg_trgm"
)


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _redis(folder: Path, port: int) -> Iterator[None]:
    command = [
        str(REDIS.installed() / "redis-server"),
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
    ]
    with running(command, cwd=folder, stdout=subprocess.DEVNULL):
        yield


@contextmanager
def _prefect(folder: Path, address: str, redis_port: int) -> Iterator[str]:
    """Run Prefect's server with the environment of the compose file, except for addresses."""
    port = _port()
    composed = yaml.safe_load(_COMPOSE.read_text())["services"]["prefect"]["environment"]
    own = {name: value for name, value in composed.items() if not name.endswith("_FILE")}
    own |= {
        "PREFECT_API_DATABASE_CONNECTION_URL": f"postgresql+asyncpg://{address}prefect",
        "PREFECT_REDIS_MESSAGING_HOST": "127.0.0.1",
        "PREFECT_REDIS_MESSAGING_PORT": str(redis_port),
        "PREFECT_SERVER_UI_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_HOME": str(folder),
        "PREFECT_SERVER_API_AUTH_STRING": _AUTH,
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | own
    with running(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        url = f"http://127.0.0.1:{port}/api"
        until(lambda: is_healthy(url), 90, LOOK_SECONDS)
        yield url


@pytest.fixture
def servers() -> Iterator[dict[str, str]]:
    """Return the settings that all hosts share."""
    with ExitStack() as held:
        folder, redis_port = held.enter_context(open_folder()), _port()
        (folder / "postgres").mkdir()
        folder.chmod(0o755)
        address = held.enter_context(running_postgres(folder / "postgres", _port()))
        with psycopg.connect(f"postgresql://{address}postgres", autocommit=True) as connection:
            for name in ("wsoptv", "prefect"):
                connection.execute(f"create database {name}".encode())
        with psycopg.connect(f"postgresql://{address}prefect", autocommit=True) as connection:
            connection.execute("create extension pg_trgm")
        held.enter_context(_redis(folder, redis_port))
        yield {
            "DATABASE_URL": f"postgresql://{address}wsoptv",
            "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
            "PREFECT_API_URL": held.enter_context(_prefect(folder / "prefect", address, redis_port)),
            "PREFECT_API_AUTH_STRING": _AUTH,
            "WSOPTV_LEASE": "3",
        }


def test_a_host_that_fails_in_an_ingest_loses_and_duplicates_nothing(
    servers: dict[str, str], archive: Archive, tmp_path: Path
) -> None:
    for number in range(4):
        archive.put(f"{number}.mp4")
    shared = {**servers, "NAS_MOUNT_PATH": str(archive.root)}
    one, other = (Command(tmp_path / name, shared) for name in ("one", "other"))
    api = Api(servers["PREFECT_API_URL"], _AUTH)
    assert Inside(one.home, shared)("migrate").returncode == 0
    # In a separate process, because Prefect in this one is connected to the server of the other tests.
    assert one("deploy").returncode == 0
    url = servers["DATABASE_URL"]
    with (
        psycopg.connect(url, autocommit=True) as connection,
        running_worker(one) as first,
        running_worker(other) as second,
    ):

        def ask(query: str) -> list[tuple[object, ...]]:
            return connection.execute(query.encode()).fetchall()

        with writes_blocked(url, "thumbnails"):
            second.suspend()
            api.start("ingest-archive", settle=0, workers=1)
            until(lambda: ask("select count(*) from media_files where claimed_by is not null") == [(4,)], 90)
            ((claimant,),) = ask("select distinct claimed_by from media_files")
            second.resume()
            for process in (first, psutil.Process(int(str(claimant).split(":")[-2]))):
                process.kill()
            helping = api.start("ingest-batch", workers=1)
            until(lambda: api.state(helping) == "Running", 90, LOOK_SECONDS)
        assert api.ended(helping) == "Completed"
        assert ask("select count(*) from contents where is_visible") == [(4,)]
        assert ask(
            "select count(*), count(distinct fingerprint) from media_files where claimed_by is null"
        ) == [(4, 4)]
        assert ask("select count(*) from thumbnails") == [(16,)]
        assert ask("select count(*) from stage_failures") == [(0,)]
    with psycopg.connect(f"{url.rpartition('/')[0]}/prefect") as prefect:
        assert prefect.execute("select count(*) > 1 from flow_run").fetchone() == (True,)
        assert prefect.execute("select count(*) from automation").fetchone() == (1,)

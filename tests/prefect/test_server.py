"""The embedded Prefect server: its start, its restart after kills, and access to it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from deployments.stack import describe_stack, use_prefect
from deployments.stack.layout import PREFECT, Layout
from deployments.stack.prefect_access import Access, access
from deployments.stack.prefect_server import is_healthy
from deployments.stack.state import READY, KeeperNote, read_note
from orchestration.home import embedded_prefect_auth
from orchestration.settings import Settings
from tests.cli.conftest import Command
from tests.plugins.ingest import Archive
from tests.plugins.prefect_server import WITHOUT_BLOCKS
from tests.prefect.api import Api
from tests.prefect.conftest import Ask, writes_blocked
from tests.processes import running
from tests.stack.conftest import REPOSITORY, kill, processes, until

_CLAIMED = "select count(*) from media_files where claimed_by is not null"
_USE = """
import sys
from deployments.stack import use_prefect
from orchestration.settings import Settings
with use_prefect(Settings(WSOPTV_HOME=sys.argv[1], PREFECT_API_URL=None), "test") as url:
    print(url, flush=True)
    sys.stdin.read()
"""


def _settings(home: Path) -> Settings:
    return Settings(WSOPTV_HOME=home, PREFECT_API_URL=None)


def _note(home: Path) -> KeeperNote:
    note = read_note(Layout(home, PREFECT))
    assert note is not None
    return note


@dataclass
class Use:
    """The server of a home that another process uses."""

    home: Path
    held: ExitStack = field(default_factory=ExitStack)
    url: str = ""
    pid: int = 0

    def begin(self) -> str:
        """Start the user unless it runs; return the address of the server's API."""
        if not self.url:
            command = [sys.executable, "-c", _USE, str(self.home)]
            lines = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            user = self.held.enter_context(
                running(command, cwd=REPOSITORY, env=os.environ | WITHOUT_BLOCKS, **lines)
            )
            assert user.stdout is not None
            self.pid, self.url = user.pid, user.stdout.readline().strip()
        return self.url

    def end(self) -> None:
        """End the user; no process of the server remains."""
        self.held.close()
        self.url = ""
        until(lambda: processes(self.home) == [], 60)


@pytest.fixture(scope="module")
def use(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Use]:
    use = Use(tmp_path_factory.mktemp("prefect-home"))
    yield use
    use.end()


@pytest.fixture
def home(use: Use) -> Path:
    return use.home


@pytest.fixture
def url(use: Use) -> str:
    """Return the address of the API of the server in use."""
    return use.begin()


def test_the_api_responds_at_the_address_of_the_stack(home: Path, url: str) -> None:
    assert is_healthy(url)
    assert describe_stack(_settings(home)).prefect_url == url


def test_it_sends_no_telemetry(home: Path, url: str) -> None:
    settings = Api(url, _auth(home)).get("admin/settings")
    assert settings["server"]["analytics_enabled"] is False


@pytest.fixture
def observed_there(tmp_path: Path, database_url: str, redis_url: str, home: Path, url: str) -> Command:
    """Return the command, whose flow runs are on that server."""
    mine = {"PREFECT_API_URL": url, "PREFECT_API_AUTH_STRING": _auth(home)}
    return Command(tmp_path / "home", {"DATABASE_URL": database_url, "REDIS_URL": redis_url, **mine})


def test_it_is_restarted_at_its_address_after_a_kill_and_an_ingest_continues(
    observed_there: Command, archive: Archive, database_url: str, ask: Ask, home: Path, url: str
) -> None:
    keeper, killed = _note(home).pid, _note(home).pids["prefect-server"]
    with _blocked_ingest(observed_there, archive, database_url, ask) as ingest:
        kill(killed)
    until(lambda: _note(home).pids["prefect-server"] != killed and _note(home).state == READY, 60)
    assert is_healthy(url)
    assert _note(home).pid == keeper
    _expect_complete(ingest, ask)


@contextmanager
def _blocked_ingest(
    command: Command, archive: Archive, database_url: str, ask: Ask
) -> Iterator[subprocess.Popen[str]]:
    """Run an ingest of three files that waits in the middle of its flow run during the block."""
    for number in range(3):
        archive.put(f"{number}.mp4")
    with writes_blocked(database_url, "thumbnails"):
        ingest = command.start("ingest", str(archive.root), "--settle", "0", "--json")
        until(lambda: ask(_CLAIMED) == [(3,)], 120)
        yield ingest


def _expect_complete(ingest: subprocess.Popen[str], ask: Ask) -> None:
    answer, said = ingest.communicate(timeout=180)
    assert ingest.returncode == 0, said
    assert "Traceback" not in said
    assert '"programmes": 3' in answer
    assert ask("select count(*) from thumbnails") == [(12,)]
    assert ask(_CLAIMED) == [(0,)]
    assert ask("select count(*) from stage_failures") == [(0,)]


def test_after_a_kill_of_its_keeper_it_has_the_same_address_but_not_a_removed_string(
    home: Path, url: str
) -> None:
    """Also if a request of a client would delay the end of the old server: its port must be free."""
    keeper, server = _note(home).pid, psutil.Process(_note(home).pids["prefect-server"])
    removed = _auth(home)
    (home / "secrets" / "prefect-auth").unlink()
    with _asking(url, removed):
        kill(keeper)
        until(lambda: (note := read_note(Layout(home, PREFECT))) is not None and note.pid != keeper, 60)
        until(lambda: _note(home).state == READY, 60)
    assert _note(home).urls == {"prefect-server": url}
    assert is_healthy(url)
    assert not server.is_running()
    assert access(url, removed) is Access.DENIED
    assert access(url, _auth(home)) is Access.GRANTED


def _auth(home: Path) -> str:
    return embedded_prefect_auth(home) or ""


def _asking(url: str, auth: str) -> socket.socket:
    """Send a request that never ends."""
    parts = urlsplit(url)
    asking = socket.create_connection((parts.hostname, parts.port))
    token = b64encode(auth.encode()).decode()
    head = f"POST /api/flows/filter HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {token}\r\n"
    asking.sendall(f"{head}Content-Length: 10\r\n\r\n".encode())
    return asking


def test_it_stops_after_a_kill_of_its_only_user_and_an_ingest_completes_without_it(
    observed_there: Command, archive: Archive, database_url: str, ask: Ask, use: Use
) -> None:
    # By default it retries three times, which takes longer.
    once = Command(observed_there.home, observed_there.more | {"PREFECT_CLIENT_MAX_RETRIES": "1"})
    with _blocked_ingest(once, archive, database_url, ask) as ingest:
        server = _note(use.home).pids["prefect-server"]
        assert server in {process.pid for process in processes(use.home)}
        kill(use.pid)
        kill(server)
        until(lambda: processes(use.home) == [], 60)
        use.end()
    _expect_complete(ingest, ask)


def test_an_external_server_is_used_and_none_is_started(tmp_path: Path) -> None:
    own = Settings(WSOPTV_HOME=tmp_path / "home", PREFECT_API_URL="http://127.0.0.1:1/api")
    with use_prefect(own, "test") as url:
        assert url == "http://127.0.0.1:1/api"
        assert not (tmp_path / "home").exists()

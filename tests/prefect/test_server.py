"""The group of the Prefect server: who starts it, what brings it back, and whom it lets in."""

from __future__ import annotations

import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from deployments.stack import describe_stack, use_prefect
from deployments.stack.layout import PREFECT, Layout
from deployments.stack.prefect_access import Access, access
from deployments.stack.prefect_server import answers
from deployments.stack.state import READY, Note, read_note
from orchestration.home import embedded_prefect_auth
from orchestration.settings import Settings
from tests.prefect.api import Api
from tests.processes import running
from tests.stack.conftest import REPOSITORY, kill, processes, until

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


def _note(home: Path) -> Note:
    note = read_note(Layout(home, PREFECT))
    assert note is not None
    return note


@pytest.fixture(scope="module")
def home(with_tables: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_tables(tmp_path_factory.mktemp("prefect-home"))


@pytest.fixture(scope="module")
def url(home: Path) -> Iterator[str]:
    """The address of its API while this process uses it; nothing is left when it does no more."""
    with use_prefect(_settings(home), "test") as url:
        yield url
    assert processes(home) == []


def test_nothing_runs_on_after_its_only_user_was_killed_and_its_port_but_not_a_removed_string_is_remembered(
    home: Path, request: pytest.FixtureRequest
) -> None:
    command = [sys.executable, "-c", _USE, str(home)]
    with running(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as user:
        assert user.stdout is not None
        first = user.stdout.readline().strip()
        until(lambda: answers(first))
        assert _note(home).pids["prefect-server"] in {process.pid for process in processes(home)}
        kill(user.pid)
    until(lambda: processes(home) == [], 60)
    removed = _auth(home)
    (home / "secrets" / "prefect-auth").unlink()
    assert request.getfixturevalue("url") == first
    assert access(first, removed) is Access.DENIED
    assert access(first, _auth(home)) is Access.GRANTED


def test_its_api_answers_and_the_stack_tells_its_address(home: Path, url: str) -> None:
    assert answers(url)
    assert describe_stack(_settings(home)).prefect_url == url


def test_it_tells_nobody_of_its_use(home: Path, url: str) -> None:
    settings = Api(url, _auth(home)).get("admin/settings")
    assert settings["server"]["analytics_enabled"] is False


def test_it_comes_back_at_its_address_after_it_was_killed(home: Path, url: str) -> None:
    keeper, killed = _note(home).pid, _note(home).pids["prefect-server"]
    kill(killed)
    until(lambda: _note(home).pids["prefect-server"] != killed and _note(home).state == READY, 60)
    assert answers(url)
    assert _note(home).pid == keeper


def test_it_comes_back_at_its_address_after_its_keeper_was_killed(home: Path, url: str) -> None:
    """Also when the old one would not end in peace, because somebody is still asking it: its port has to be free."""
    keeper, server = _note(home).pid, psutil.Process(_note(home).pids["prefect-server"])
    with _asking(url, _auth(home)):
        kill(keeper)
        until(lambda: (note := read_note(Layout(home, PREFECT))) is not None and note.pid != keeper, 60)
        until(lambda: _note(home).state == READY, 60)
    assert _note(home).urls == {"prefect-server": url}
    assert answers(url)
    assert not server.is_running()


def _auth(home: Path) -> str:
    return embedded_prefect_auth(home) or ""


def _asking(url: str, auth: str) -> socket.socket:
    """A request that never comes to its end."""
    parts = urlsplit(url)
    asking = socket.create_connection((parts.hostname, parts.port))
    token = b64encode(auth.encode()).decode()
    head = f"POST /api/flows/filter HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {token}\r\n"
    asking.sendall(f"{head}Content-Length: 10\r\n\r\n".encode())
    return asking


def test_a_server_of_ones_own_is_used_and_nothing_is_started(tmp_path: Path) -> None:
    own = Settings(WSOPTV_HOME=tmp_path / "home", PREFECT_API_URL="http://127.0.0.1:1/api")
    with use_prefect(own, "test") as url:
        assert url == "http://127.0.0.1:1/api"
        assert not (tmp_path / "home").exists()

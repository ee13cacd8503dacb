"""Access to the embedded Prefect server: only with the string, and not for pages of other sites."""

from __future__ import annotations

import asyncio
import fcntl
import functools
import http.server
import json
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from starlette.responses import PlainTextResponse
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from deployments.stack import StackError, use_prefect
from deployments.stack.host_guard import HostGuard
from deployments.stack.layout import PREFECT, Layout
from deployments.stack.locks import opened
from deployments.stack.state import READY, KeeperNote
from deployments.stack.users import registered
from orchestration.settings import Settings
from tests.cli.conftest import Command, Inside
from tests.plugins.ingest import Archive
from tests.prefect.api import TLS, Api

FOREIGN = "evil.example"
NEEDS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another user")

# It uses the standard library only, because the other user cannot read our packages.
_AS_ANOTHER = """
import json, os, sys, urllib.error, urllib.request
url, secret, pid = sys.argv[1:]
some = "00000000-0000-4000-8000-000000000000"
made = {"flows/": {"name": "theirs"}, "deployments/": {"name": "theirs", "flow_id": some},
        "flow_runs/": {"flow_id": some}, "work_pools/": {"name": "theirs", "type": "process"}}
said = []
for path, body in made.items():
    request = urllib.request.Request(f"{url}/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        said.append(urllib.request.urlopen(request).status)
    except urllib.error.HTTPError as error:
        said.append(error.code)
for path in (secret, f"/proc/{pid}/environ"):
    try:
        open(path).read()
        said.append("read")
    except PermissionError:
        said.append("denied")
print(os.geteuid(), *said)
"""


@pytest.fixture
def base(api: Api) -> str:
    """Return the address of the UI."""
    return api.url.removesuffix("/api")


def count_flows(api: Api) -> int:
    count: int = api.post("flows/count")
    return count


def _server(home: Path) -> psutil.Process:
    note = json.loads(Layout(home, PREFECT).state.read_text())
    return psutil.Process(note["pids"]["prefect-server"])


@NEEDS_ROOT
def test_another_user_of_this_machine_changes_nothing_and_reads_no_secret(
    server_home: Path, api: Api
) -> None:
    secret = server_home / "secrets" / "prefect-auth"
    before = count_flows(api)
    done = subprocess.run(
        [
            "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable,
            "-I",
            "-c",
            _AS_ANOTHER,
            api.url,
            str(secret),
            str(_server(server_home).pid),
        ],
        user="nobody",
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        check=True,
    )
    uid, *said = done.stdout.split()
    assert uid != "0"
    assert said == ["401"] * 4 + ["denied"] * 2
    assert count_flows(api) == before


def test_the_string_is_only_in_a_private_file(server_home: Path, api: Api) -> None:
    files = [
        path for path in server_home.rglob("*") if path.is_file() and api.auth.encode() in path.read_bytes()
    ]
    assert files == [server_home / "secrets" / "prefect-auth"]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600
    assert stat.S_IMODE(files[0].parent.stat().st_mode) == 0o700
    assert _server(server_home).environ()["PREFECT_SERVER_API_AUTH_STRING"] == api.auth
    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert lines
    assert not any(api.auth.encode() in line for line in lines)


NOT_OURS = [
    {"Host": FOREIGN},
    {"Host": f"{FOREIGN}:4200"},
    {"Host": f"127.0.0.1.{FOREIGN}"},
    {"Host": f"localhost.{FOREIGN}."},
    {"Host": f"localhost@{FOREIGN}"},
    {"Host": f"{FOREIGN}@localhost"},
    {"Host": "localhost:80:80"},
    {"Host": "0.0.0.0"},
    {"Host": "[::]"},
    {"Host": ""},
    {"Origin": "null"},
    {"Origin": f"http://{FOREIGN}"},
    {"Origin": f"http://localhost.{FOREIGN}:4200"},
    {"Origin": f"http://localhost@{FOREIGN}"},
    {"Origin": "file://localhost"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"},
]
OURS = [
    {"Host": "LocalHost:1"},
    {"Host": "[::1]:4200"},
    {"Host": "localhost."},
    {"Origin": "http://localhost:3000"},
    {"Origin": "http://[::1]:4200"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"},
    {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"},
]


@pytest.mark.parametrize("headers", NOT_OURS, ids=str)
def test_requests_by_another_host_or_of_another_page_are_refused_even_with_the_string(
    api: Api, base: str, headers: dict[str, str]
) -> None:
    asked = httpx.Request("GET", f"{api.url}/admin/version", headers=api.headers | headers)
    asked.headers["Host"] = headers.get("Host", asked.headers["Host"])
    with httpx.Client(verify=TLS) as client:
        assert client.send(asked).status_code == 403
        assert client.get(f"{base}/", headers=headers).status_code == 403


@pytest.mark.parametrize("headers", OURS, ids=str)
def test_loopback_names_are_allowed(api: Api, headers: dict[str, str]) -> None:
    with httpx.Client(verify=TLS) as client:
        assert client.get(f"{api.url}/admin/version", headers=api.headers | headers).status_code == 200
        assert client.get(f"{api.url}/admin/version", headers=headers).status_code == 401


@pytest.mark.parametrize("hosts", ["", f"Host: localhost\r\nHost: {FOREIGN}\r\n"], ids=["none", "two"])
def test_a_request_must_have_exactly_one_host(api: Api, hosts: str) -> None:
    parts = urlsplit(api.url)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.sendall(f"GET /api/health HTTP/1.0\r\n{hosts}\r\n".encode())
        status = int(connection.recv(100).split()[1])
    assert status in (400, 403)


def test_a_page_of_another_origin_on_this_machine_may_not_read_responses(api: Api) -> None:
    headers = {"Origin": "http://localhost:3000"}
    own = {"Origin": api.url.removesuffix("/api")}
    with httpx.Client(verify=TLS) as client:
        assert "access-control-allow-origin" not in client.get(f"{api.url}/health", headers=headers).headers
        assert "access-control-allow-origin" in client.get(f"{api.url}/health", headers=own).headers


@pytest.mark.parametrize("path", ["events/in", "events/out", "logs/out", "task_runs/subscriptions/scheduled"])
def test_web_sockets_are_guarded_too(api: Api, path: str) -> None:
    url = f"{api.url.replace('http', 'ws', 1)}/{path}"
    with pytest.raises(InvalidStatus) as refused, connect(url, origin=Origin(f"http://{FOREIGN}")):
        pass
    assert refused.value.response.status_code == 403
    with connect(url, subprotocols=[Subprotocol("prefect")]) as socket_:
        socket_.send(json.dumps({"type": "auth", "token": "wsoptv:wrong"}))
        with pytest.raises(ConnectionClosed, match="1008"):
            socket_.recv()


def _guarded(ui: str | None, headers: dict[str, str]) -> int:
    """Return the status of a request to an application behind the guard."""

    async def ask() -> int:
        transport = httpx.ASGITransport(HostGuard(PlainTextResponse("in"), ui))
        async with httpx.AsyncClient(transport=transport) as client:
            return (await client.get("http://localhost/", headers=headers)).status_code

    return asyncio.run(ask())


UI = "https://flows.example/prefect"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "flows.example"}, 200),
        ({"Host": "FLOWS.example:443", "Origin": "https://flows.example"}, 200),
        ({"Host": "127.0.0.1:4200", "Origin": "https://flows.example:443"}, 200),
        ({"Host": "flows.example", "Origin": "http://flows.example"}, 403),
        ({"Host": "flows.example", "Origin": "https://flows.example:8443"}, 403),
        ({"Host": "other.example"}, 403),
    ],
    ids=str,
)
def test_the_address_of_the_ui_is_allowed(headers: dict[str, str], status: int) -> None:
    assert _guarded(UI, headers) == status


@pytest.mark.parametrize("ui", [None, "", "nonsense", "https://", "https://[", "https://user@flows.example"])
def test_an_invalid_address_of_the_ui_allows_no_host(ui: str | None) -> None:
    assert [_guarded(ui, {"Host": host}) for host in ("flows.example", "", "localhost")] == [403, 403, 200]


@contextmanager
def serving(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[int]:
    """Run a server of another program; yield its port."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


class Responds(http.server.BaseHTTPRequestHandler):
    """Responds to all requests with a JSON string, as an open Prefect server does for its version."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'"3.8.8"')

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def held_by_an_earlier_version(tmp_path: Path) -> Iterator[Path]:
    """Yield a home in use whose keeper recorded a server without authentication."""
    layout = Layout(tmp_path / "home", PREFECT)
    layout.make()
    with serving(Responds) as port, opened(layout.keeper_lock) as lock, registered(layout, "up"):
        fcntl.flock(lock, fcntl.LOCK_EX)
        urls, pids = {"prefect-server": f"http://127.0.0.1:{port}/api"}, {"prefect-server": os.getpid()}
        KeeperNote(READY, os.getpid(), "", urls, pids).write(layout)
        yield layout.home


def test_a_server_of_an_earlier_version_is_not_used(held_by_an_earlier_version: Path) -> None:
    settings = Settings(WSOPTV_HOME=held_by_an_earlier_version, PREFECT_API_URL=None)
    with pytest.raises(StackError, match=r"earlier version.*wsoptv down"), use_prefect(settings, "test"):
        pass


@pytest.mark.parametrize("wrong", ["", "wsoptv:wrong"], ids=["none", "another"])
def test_a_server_that_requires_another_string_is_reported(
    inside: Command, archive: Archive, wrong: str
) -> None:
    command = Inside(inside.home, inside.more | {"PREFECT_API_AUTH_STRING": wrong})
    refused = command.json("ingest", str(archive.root), code=1)
    assert "PREFECT_API_AUTH_STRING" in refused["error"]["message"]
    checks = {check["name"]: check for check in command.json("doctor", code=1)["checks"]}
    assert not checks["prefect"]["ok"]
    assert "PREFECT_API_AUTH_STRING" in checks["prefect"]["mend"]
    assert "wrong" not in json.dumps(checks)


def test_doctor_accepts_the_right_string_and_warns_of_an_open_server(inside: Command) -> None:
    def found(command: Command) -> dict[str, object]:
        done = command("doctor", "--json")
        (check,) = [one for one in json.loads(done.stdout)["checks"] if one["name"] == "prefect"]
        assert check["ok"]
        return dict(check)

    assert found(inside)["mend"] == ""
    with serving(Responds) as port:
        other = Inside(inside.home, inside.more | {"PREFECT_API_URL": f"http://127.0.0.1:{port}/api"})
        assert "PREFECT_SERVER_API_AUTH_STRING" in str(found(other)["mend"])


@pytest.fixture
def at_home(server_home: Path, database_url: str, redis_url: str, prefect: str) -> Command:
    """Return the command on the home of the server."""
    return Inside(server_home, {"DATABASE_URL": database_url, "REDIS_URL": redis_url})


def test_status_shows_the_string_but_not_with_json(at_home: Command, api: Api) -> None:
    assert f"login      {api.auth} " in at_home("status").stdout
    shown = at_home("status", "--json").stdout
    assert api.url.removesuffix("/api") in shown
    assert api.auth not in shown


def test_env_prints_a_line_for_a_shell(at_home: Command, api: Api) -> None:
    odd = {"PREFECT_API_URL": "http://127.0.0.1:9/api", "PREFECT_API_AUTH_STRING": "o'd: $(id) `id`\"\\"}
    shell = 'eval "$1"; printf "%s\\n" "$PREFECT_API_URL" "$PREFECT_API_AUTH_STRING"'
    run = functools.partial(subprocess.run, text=True, capture_output=True, check=True)
    own = Inside(at_home.home, at_home.more | odd)("env").stdout
    assert run(["sh", "-ec", shell, "sh", own]).stdout.splitlines() == list(odd.values())
    said = at_home("env").stdout
    assert run(["sh", "-ec", shell, "sh", said]).stdout.splitlines() == [api.url, api.auth]
    known = at_home.json("env")
    assert (known["PREFECT_API_URL"], known["PREFECT_API_AUTH_STRING"]) == (api.url, api.auth)


def test_env_of_a_home_without_a_running_server_is_refused(tmp_path: Path) -> None:
    refused = Inside(tmp_path / "home")("env")
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "wsoptv up" in refused.stderr

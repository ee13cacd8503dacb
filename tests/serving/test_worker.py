"""Block worker with a real Prefect server: runs are started and monitored, and an unavailable server is
reported.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.tables import AuditEntry
from orchestration.settings import Settings
from serving.app import create_app
from serving.monitoring import alert_checks
from serving.worker import prefect_http
from tests.prefect.api import Api
from tests.processes import running
from tests.serving.conftest import Shelf, eventually, serving, sign_in, signed_in
from tests.serving.shared_streams import anonymous, database_url, settings, shelf, site
from tests.serving.test_accounts import code_of

__all__ = ["anonymous", "database_url", "settings", "shelf", "site"]

SCHEMA = {
    "type": "object",
    "properties": {"root": {"type": "string", "minLength": 1}, "settle": {"type": "number"}},
}


@pytest.fixture
def deployment(api: Api) -> str:
    """Return a deployment with a unique name that no worker takes."""
    name = f"sleep-{uuid.uuid4().hex[:8]}"
    deploy(api, name, name)
    return name


@pytest.fixture(scope="module")
def idle_deployment(api: Api) -> str:
    """Return a deployment of which no test starts a run."""
    name = f"idle-{uuid.uuid4().hex[:8]}"
    deploy(api, name, name)
    return name


def deploy(api: Api, flow: str, name: str, **more: Any) -> str:
    """Create a deployment of a flow by their names, and return its id."""
    known = {"parameter_openapi_schema": SCHEMA, "enforce_parameter_schema": True, "description": "Sleeps."}
    flow_id = api.post("flows/", name=flow)["id"]
    return str(api.post("deployments/", name=name, flow_id=flow_id, **(known | more))["id"])


def shown(admin: httpx.Client, name: str) -> list[dict[str, Any]]:
    """Return the deployments of these names as the API lists them."""
    return [one for one in admin.get("/api/admin/deployments").json()["items"] if one["name"] == name]


@pytest.fixture(scope="module")
def site_settings(api: Api) -> dict[str, Any]:
    own = {"prefect_api_url": api.url, "prefect_auth": SecretStr(api.auth)}
    return own | {"roots": ("/nas", "s3://films/archive")}


def start(admin: httpx.Client, name: str, key: str | None = None, **parameters: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return admin.post(f"/api/admin/runs/{name}", json={"parameters": parameters}, headers=headers)


def test_a_flow_run_is_started_monitored_and_cancelled(
    admin: httpx.Client, deployment: str, shelf: Shelf
) -> None:
    (known,) = shown(admin, deployment)
    assert (known["description"], known["parameters"]["properties"]["root"]["type"]) == ("Sleeps.", "string")
    started = start(admin, deployment, root="/nas")
    assert started.status_code == 202
    run = started.json()
    assert (run["state_type"], run["parameters"]) == ("SCHEDULED", {"root": "/nas"})
    assert run["url"].endswith(f"/runs/flow-run/{run['id']}")
    assert admin.get(f"/api/admin/runs/{run['id']}").json()["id"] == run["id"]
    page = admin.get("/api/admin/runs", params={"deployment": deployment, "state": "SCHEDULED"}).json()
    assert ([one["id"] for one in page["items"]], page["total"]) == ([run["id"]], 1)
    assert (
        admin.get("/api/admin/runs", params={"deployment": deployment, "state": "FAILED"}).json()["total"]
        == 0
    )
    cancelled = admin.post(f"/api/admin/runs/{run['id']}/cancel").json()
    assert cancelled["state_type"] in ("CANCELLING", "CANCELLED")
    with Session(shelf.engine) as session:
        assert list(session.scalars(select(AuditEntry.action))) == ["run.started", "run.cancelled"]


def test_an_ended_run_cannot_be_cancelled(admin: httpx.Client, deployment: str) -> None:
    run_id = start(admin, deployment).json()["id"]
    assert admin.post(f"/api/admin/runs/{run_id}/cancel").json()["ended_at"]
    assert code_of(admin.post(f"/api/admin/runs/{run_id}/cancel")) == (409, "WORKER_RUN_ENDED")


def test_a_running_run_reports_progress_and_is_cancelled_once(
    admin: httpx.Client, deployment: str, api: Api
) -> None:
    run = start(admin, deployment).json()
    assert run["progress"] is None
    for state in ("PENDING", "RUNNING"):
        api.post(f"flow_runs/{run['id']}/set_state", state={"type": state})
    eventually(lambda: admin.get(f"/api/admin/runs/{run['id']}").json()["seconds"] > 0)
    says = "metadata: 300 of 1,058 files"
    api.post("artifacts/", type="progress", data=28.4, description=says, flow_run_id=run["id"])
    now = admin.get(f"/api/admin/runs/{run['id']}").json()
    assert (now["state_type"], now["progress"]) == ("RUNNING", {"percent": 28.4, "says": says})
    for _again in range(2):
        asked = admin.post(f"/api/admin/runs/{run['id']}/cancel")
        assert (asked.status_code, asked.json()["state_type"]) == (200, "CANCELLING")


def test_a_deployment_lists_its_schedules(admin: httpx.Client, api: Api) -> None:
    name = f"planned-{uuid.uuid4().hex[:8]}"
    berlin = {"cron": "0 4 * * *", "timezone": "Europe/Berlin"}
    plans = [
        {"schedule": {"cron": "0 * * * *"}, "active": False},
        {"schedule": berlin, "active": True},
        {"schedule": {"interval": 90}, "active": True},
    ]
    deploy(api, f"flow-of-{name}", name, schedules=plans, paused=True)
    (known,) = shown(admin, name)
    assert sorted(known["schedules"]) == ["0 4 * * * Europe/Berlin", "every 90 s"]
    assert (known["flow"], known["paused"], known["work_pool"]) == (f"flow-of-{name}", True, None)


def test_of_equal_names_the_deployment_of_the_flow_with_that_name_starts(
    admin: httpx.Client, deployment: str, api: Api
) -> None:
    deploy(api, f"a-{deployment}", deployment)
    deploy(api, f"z-{deployment}", deployment)
    (own,) = [one["id"] for one in shown(admin, deployment) if one["flow"] == deployment]
    assert start(admin, deployment).json()["deployment_id"] == own


def test_the_same_key_starts_a_single_run(admin: httpx.Client, deployment: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: start(admin, deployment, "a-key").json()["id"], range(4)))
    assert len(set(answers)) == 1
    assert start(admin, deployment, "another").json()["id"] != answers[0]
    assert len({start(admin, deployment).json()["id"] for _ in range(2)}) == 2


def test_invalid_starts_are_refused(admin: httpx.Client, deployment: str) -> None:
    unknown = start(admin, "no-such-flow")
    assert code_of(unknown) == (404, "WORKER_DEPLOYMENT_NOT_FOUND")
    assert deployment in unknown.json()["error"]["details"]["deployments"]
    for bad in ({"root": ""}, {"root": 3}, {"folder": "/nas"}):
        refused = start(admin, deployment, **bad)
        assert code_of(refused) == (422, "WORKER_PARAMETERS_REFUSED")
    assert code_of(start(admin, deployment, root="x" * 100_000)) == (413, "REQUEST_ENTITY_TOO_LARGE")
    assert (
        "Its parameters: root, settle" in start(admin, deployment, folder="/nas").json()["error"]["message"]
    )
    beside = admin.post(f"/api/admin/runs/{deployment}", json={"root": "/nas"})
    assert code_of(beside) == (422, "REQUEST_INVALID")
    assert admin.get("/api/admin/runs", params={"deployment": deployment}).json()["total"] == 0
    some_id = uuid.uuid4()
    assert code_of(admin.get(f"/api/admin/runs/{some_id}")) == (404, "WORKER_RUN_NOT_FOUND")
    assert code_of(admin.post(f"/api/admin/runs/{some_id}/cancel")) == (404, "WORKER_RUN_NOT_FOUND")
    assert admin.get("/api/admin/runs/nonsense").status_code == 422
    odd = admin.post(f"/api/admin/runs/{deployment}", headers={"Idempotency-Key": "x" * 500})
    assert odd.status_code == 422


def test_health_reports_prefect(admin: httpx.Client) -> None:
    assert admin.get("/api/health").json()["dependencies"]["prefect"] == "connected"


def test_refused_credentials_are_reported_and_shown_in_health(settings: Settings, shelf: Shelf) -> None:
    wrong = settings.model_copy(update={"prefect_auth": SecretStr("wsoptv:wrong")})
    with serving(create_app(wrong)) as client:
        client.headers.update(sign_in(settings, "admin").headers)
        refused = client.get("/api/admin/deployments")
        assert code_of(refused) == (503, "WORKER_PREFECT_UNAVAILABLE")
        assert "PREFECT_API_AUTH_STRING" in refused.json()["error"]["details"]["reason"]
        assert client.get("/api/health").json()["dependencies"]["prefect"] == "disconnected"


def test_viewers_cannot_start_runs(client: httpx.Client, idle_deployment: str) -> None:
    assert code_of(start(client, idle_deployment)) == (403, "AUTH_NOT_ALLOWED")


def _hang(connection: socket.socket) -> None:
    connection.settimeout(10)
    with suppress(OSError):
        while connection.recv(65536):
            pass


def _saying(status: int, body: bytes = b"") -> Callable[[socket.socket], None]:
    def behave(connection: socket.socket) -> None:
        connection.recv(65536)
        head = f"HTTP/1.1 {status} So\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode() + body)

    return behave


@contextmanager
def _listening(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """Run a server that behaves like this."""

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            behave(connection)

    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=one, args=[server.accept()[0]], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/api"
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)


OTHERS = {
    "hangs": _hang,
    "a page": _saying(200, b"<html>"),
    "fails": _saying(500),
    "wants a key": _saying(401, b'{"detail": "Unauthorized"}'),
    "another API": _saying(404, b'{"detail": "Not Found"}'),
    "moved": _saying(302),
    "other JSON": _saying(200, b'[{"id": 1}]'),
}


@pytest.mark.parametrize("behave", OTHERS.values(), ids=OTHERS)
def test_a_foreign_server_is_reported_and_then_not_called(
    settings: Settings, shelf: Shelf, behave: Callable[[socket.socket], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefect_http, "DEADLINE", 0.5)
    with (
        _listening(behave) as url,
        serving(create_app(settings.model_copy(update={"prefect_api_url": url}))) as client,
    ):
        client.headers.update(sign_in(settings, "admin").headers)
        for _ in range(5):
            answer = client.get("/api/admin/runs")
            assert code_of(answer) == (503, "WORKER_PREFECT_UNAVAILABLE")
        assert "recent calls failed" in answer.json()["error"]["details"]["reason"]
        assert client.get("/api/contents").status_code == 200
        assert client.get("/api/health").json()["dependencies"]["prefect"] == "disconnected"


def test_a_program_on_the_port_of_a_dead_server_gets_no_credentials(settings: Settings, shelf: Shelf) -> None:
    heard: list[bytes] = []

    def listen(connection: socket.socket) -> None:
        heard.append(connection.recv(65536))
        connection.sendall(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    died = subprocess.Popen(["true"])
    died.wait()
    (settings.home / "secrets").mkdir(parents=True)
    (settings.home / "secrets/prefect-auth").write_text("wsoptv:secret")
    (settings.home / "prefect").mkdir()
    stand_in = [sys.executable, "-c", "import time; time.sleep(600)", "deployments.stack.prefect_program"]
    with _listening(listen) as url, running(stand_in) as server:
        # Another program may use the process id of the dead server.
        for pid, token in ((died.pid, b""), (os.getpid(), b""), (server.pid, b64encode(b"wsoptv:secret"))):
            note = {
                "state": "ready",
                "pid": 1,
                "urls": {"prefect-server": url},
                "pids": {"prefect-server": pid},
            }
            (settings.home / "prefect/stack.json").write_text(json.dumps(note))
            with serving(create_app(settings.model_copy(update={"prefect_api_url": None}))) as client:
                client.headers.update(sign_in(settings, "admin").headers)
                refused = client.get("/api/admin/deployments")
            assert code_of(refused) == (503, "WORKER_PREFECT_UNAVAILABLE")
            assert (b"authorization: " in heard[-1].lower(), token in heard[-1]) == (bool(token), True)


def test_without_prefect_no_run_starts_and_health_is_unaffected(settings: Settings, shelf: Shelf) -> None:
    with serving(create_app(settings.model_copy(update={"prefect_api_url": None}))) as client:
        client.headers.update(sign_in(settings, "admin").headers)
        assert code_of(start(client, "ingest-archive")) == (503, "WORKER_PREFECT_UNAVAILABLE")
        health = client.get("/api/health").json()
        assert (health["status"], health["dependencies"]["prefect"]) == ("healthy", "not configured")


def test_failed_flows_raise_alerts_until_a_run_succeeds(
    settings: Settings, shelf: Shelf, api: Api, deployment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_checks, "EVERY", 0.3)
    with serving(create_app(settings)) as client:
        client.headers = httpx.Headers(sign_in(settings, "admin").headers)

        def ran(state: str) -> None:
            run = start(client, deployment).json()["id"]
            for kind in ("RUNNING", state):
                state_now = {"type": kind, "message": "no such folder"}
                api.post(f"flow_runs/{run}/set_state", state=state_now, force=True)

        # Only of this deployment: runs of other tests in the same Prefect may end in any way.
        def told() -> list[str]:
            alerts = client.get("/api/admin/alerts").json()["items"]
            return [one["message"] for one in alerts if one["subject"] == deployment]

        ran("FAILED")
        eventually(lambda: told() == [f"the last run of {deployment} failed: no such folder"])
        ran("COMPLETED")
        eventually(lambda: told() == [])


@pytest.mark.parametrize(
    "root",
    [
        "/",
        "/nas2",
        "/NAS",
        "/na",
        "/nas/../etc",
        "nas",
        "~",
        "s3://films",
        "s3://films/archive2",
        "s3://films/archive/../old",
        "s3://Films/archive",
        "S3://films/archive",
        "file:///nas",
        "/nas\n/../../etc",
    ],
)
def test_a_forbidden_root_starts_no_run(admin: httpx.Client, idle_deployment: str, root: str) -> None:
    refused = start(admin, idle_deployment, root=root)
    assert code_of(refused) == (403, "WORKER_ROOT_NOT_ALLOWED")
    assert "WSOPTV_ROOTS" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    "root",
    [
        "/nas",
        "/nas/",
        "//nas",
        "/nas/2031/Day 1",
        "/x/../nas",
        "s3://films/archive/",
        "s3://films//archive/2031",
    ],
)
def test_an_allowed_root_and_its_folders_start_a_run(admin: httpx.Client, deployment: str, root: str) -> None:
    assert start(admin, deployment, root=root).status_code == 202


def test_without_a_setting_known_roots_and_archives_are_allowed(
    settings: Settings, shelf: Shelf, api: Api, deployment: str, tmp_path: Path
) -> None:
    shelf.add()
    nas = tmp_path / "nas"
    nas.mkdir()
    (nas / "way out").symlink_to("/etc")
    (tmp_path / "way in").symlink_to(nas)
    unset = settings.model_copy(update={"roots": (), "archive": nas, "bucket": "films"})
    mark = {"properties": {"place": {"anyOf": [{"type": "string", "format": "folder"}, {"type": "null"}]}}}
    marked = f"marked-{uuid.uuid4().hex[:8]}"
    deploy(api, marked, marked, parameter_openapi_schema=mark)
    with serving(create_app(unset)) as anonymous, signed_in(anonymous, sign_in(unset, "admin")) as admin:
        for root in (shelf.archive, shelf.archive / "2031", nas, tmp_path / "way in" / "a", "s3://films/old"):
            assert start(admin, deployment, root=str(root)).status_code == 202, root
        for root in (shelf.archive.parent, nas / "way out", f"{nas}2", "/etc", "s3://films2"):
            assert start(admin, deployment, root=str(root)).status_code == 403, root
            assert start(admin, marked, place=str(root)).status_code == 403, root
        assert start(admin, marked, place=None).status_code == 202

"""Block worker: flows are started and followed through a real Prefect server; one that is away or talks nonsense is told."""

from __future__ import annotations

import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.tables import AuditEntry
from orchestration.settings import Settings
from serving.app import create_app
from tests.prefect.api import Api
from tests.serving.conftest import Shelf, serving, sign_in
from tests.serving.test_accounts import code_of

SCHEMA = {
    "type": "object",
    "properties": {"root": {"type": "string", "minLength": 1}},
    "additionalProperties": False,
}


@pytest.fixture
def deployment(prefect: str) -> str:
    """A deployment that no worker takes up; nothing else has its name."""
    api, name = Api(prefect), f"sleep-{uuid.uuid4().hex[:8]}"
    flow = api.post("flows/", name=name)
    api.post(
        "deployments/",
        name=name,
        flow_id=flow["id"],
        parameter_openapi_schema=SCHEMA,
        enforce_parameter_schema=True,
        description="Sleeps.",
    )
    return name


@pytest.fixture
def settings(settings: Settings, prefect: str) -> Settings:
    return settings.model_copy(update={"prefect_api_url": prefect})


def start(admin: httpx.Client, name: str, key: str | None = None, **parameters: Any) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return admin.post(f"/api/admin/runs/{name}", json={"parameters": parameters}, headers=headers)


def test_a_flow_is_started_followed_and_cancelled(admin: httpx.Client, deployment: str, shelf: Shelf) -> None:
    (known,) = [
        one for one in admin.get("/api/admin/deployments").json()["items"] if one["name"] == deployment
    ]
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


def test_the_same_key_starts_one_run(admin: httpx.Client, deployment: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: start(admin, deployment, "a-key").json()["id"], range(4)))
    assert len(set(answers)) == 1
    assert start(admin, deployment, "another").json()["id"] != answers[0]
    assert len({start(admin, deployment).json()["id"] for _ in range(2)}) == 2


def test_what_nobody_can_start_is_said(admin: httpx.Client, deployment: str) -> None:
    unknown = start(admin, "no-such-flow")
    assert code_of(unknown) == (404, "WORKER_DEPLOYMENT_NOT_FOUND")
    assert deployment in unknown.json()["error"]["details"]["deployments"]
    for bad in ({"root": ""}, {"root": 3}, {"folder": "/nas"}):
        assert code_of(start(admin, deployment, **bad)) == (422, "WORKER_PARAMETERS_REFUSED")
    flat = admin.post(f"/api/admin/runs/{deployment}", json={"root": "/nas"})
    assert (flat.status_code, "parameters" in flat.text or "root" in flat.text) == (422, True)
    some_id = uuid.uuid4()
    assert code_of(admin.get(f"/api/admin/runs/{some_id}")) == (404, "WORKER_RUN_NOT_FOUND")
    assert code_of(admin.post(f"/api/admin/runs/{some_id}/cancel")) == (404, "WORKER_RUN_NOT_FOUND")
    assert admin.get("/api/admin/runs/nonsense").status_code == 422
    odd = admin.post(f"/api/admin/runs/{deployment}", headers={"Idempotency-Key": "x" * 500})
    assert odd.status_code == 422


def test_health_tells_of_prefect(admin: httpx.Client) -> None:
    assert admin.get("/api/health").json()["dependencies"]["prefect"] == "connected"


def test_viewers_start_nothing(client: httpx.Client, deployment: str) -> None:
    assert code_of(start(client, deployment)) == (403, "AUTH_NOT_ALLOWED")


def _hang(connection: socket.socket) -> None:
    connection.settimeout(10)
    with suppress(OSError):
        while connection.recv(65536):
            pass


def _talk_nonsense(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>")


def _break(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@contextmanager
def _listening(behave: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that behaves so."""

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


@pytest.mark.parametrize("behave", [_hang, _talk_nonsense, _break])
def test_a_server_that_is_none_is_told_and_then_left_alone(
    settings: Settings, shelf: Shelf, behave: Callable[[socket.socket], None]
) -> None:
    with (
        _listening(behave) as url,
        serving(create_app(settings.model_copy(update={"prefect_api_url": url}))) as client,
    ):
        client.headers.update(sign_in(settings, "admin").headers)
        for _ in range(5):
            answer = client.get("/api/admin/runs")
            assert code_of(answer) == (503, "WORKER_PREFECT_UNAVAILABLE")
        assert "a moment ago" in answer.json()["error"]["details"]["reason"]
        assert client.get("/api/contents").status_code == 200
        assert client.get("/api/health").json()["dependencies"]["prefect"] == "disconnected"


def test_without_prefect_nothing_is_started_and_health_is_not_hurt(settings: Settings, shelf: Shelf) -> None:
    with serving(create_app(settings.model_copy(update={"prefect_api_url": None}))) as client:
        client.headers.update(sign_in(settings, "admin").headers)
        assert code_of(start(client, "ingest-archive")) == (503, "WORKER_PREFECT_UNAVAILABLE")
        health = client.get("/api/health").json()
        assert (health["status"], health["dependencies"]["prefect"]) == ("healthy", "not configured")

"""Alerts are reported once in the table, the log and the webhook, and once more when they are resolved."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from catalog_models.tables import Alert, Content
from catalog_models.values import Finding, Severity
from catalog_models.writes import alerts, findings
from orchestration.settings import Settings
from serving.app import create_app
from serving.kernel.metrics import ErrorRate
from serving.monitoring import alert_checks
from tests.serving.conftest import Shelf, eventually, serving, sign_in


@pytest.fixture
def told() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the address of a webhook, and the bodies that it received."""
    heard: list[dict[str, Any]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", heard
    server.shutdown()
    server.server_close()


@pytest.fixture
def watched(
    settings: Settings, told: tuple[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> Iterator[httpx.Client]:
    """Yield a client of two application processes that check often."""
    monkeypatch.setattr(alert_checks, "EVERY", 0.2)
    monkeypatch.setattr(alert_checks, "_CHECK", 0.5)
    chosen = settings.model_copy(update={"alert_webhook": told[0]})
    settings.cache_folder.mkdir(parents=True)
    with serving(create_app(chosen)), serving(create_app(chosen)) as client:
        client.headers = httpx.Headers(sign_in(settings, "moderator").headers)
        yield client


def open_alerts(client: httpx.Client, state: str = "open") -> list[tuple[str, str]]:
    found = client.get("/api/admin/alerts", params={"state": state}).json()["items"]
    return [(alert["kind"], alert["subject"]) for alert in found]


def test_a_block_that_is_down_raises_and_resolves_one_alert(
    watched: httpx.Client, shelf: Shelf, told: tuple[str, list[dict[str, Any]]]
) -> None:
    heard = told[1]
    with shelf.engine.begin() as holder:
        holder.execute(text("lock table playback_sessions"))
        eventually(lambda: bool(heard))
        assert (heard[0]["state"], heard[0]["kind"], heard[0]["subject"]) == ("raised", "block_down", "cache")
        assert "WSOPTV: block cache is down" in heard[0]["text"]
        assert open_alerts(watched) == [("block_down", "cache")]
    eventually(lambda: len(heard) == 2)
    assert (heard[1]["state"], heard[1]["subject"]) == ("resolved", "cache")
    assert open_alerts(watched) == []
    assert open_alerts(watched, "all") == [("block_down", "cache")]


def test_server_errors_and_a_full_disk_raise_alerts(
    watched: httpx.Client, monkeypatch: pytest.MonkeyPatch, told: tuple[str, list[dict[str, Any]]]
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(alert_checks, "SSD_FULL", 0.0)
        patched.setattr(ErrorRate, "value", lambda _: 0.06)
        patched.setattr(ErrorRate, "responses", lambda _: 100)
        eventually(lambda: {kind for kind, _ in open_alerts(watched)} == {"ssd_full", "error_rate"})
    eventually(lambda: open_alerts(watched) == [])
    assert [one["state"] for one in told[1]].count("raised") == 2, "once, though two look"


def test_damaged_files_raise_alerts(watched: httpx.Client, shelf: Shelf) -> None:
    content = shelf.add("Rotten", name=b"old/tape.mp4")
    with Session(shelf.engine) as session, session.begin():
        file = session.get_one(Content, content).best_file_id
        assert file is not None
        findings.add(session, {file: [Finding("bit_rot", Severity.NOTE, "some of its bytes changed")]})
    eventually(lambda: open_alerts(watched) == [("damage", "old/tape.mp4")])
    with Session(shelf.engine) as session, session.begin():
        findings.resolve(session, [file], ["bit_rot"])
    eventually(lambda: open_alerts(watched) == [])


def test_alerts_of_flows_are_sent_once_and_their_messages_are_updated(
    watched: httpx.Client, shelf: Shelf, told: tuple[str, list[dict[str, Any]]]
) -> None:
    heard = told[1]

    def settle(**files: str) -> None:
        with Session(shelf.engine) as session, session.begin():
            alerts.settle(session, "missing_files", files, dt.timedelta())

    settle(nas="2 files")
    eventually(lambda: [(one["state"], one["message"]) for one in heard] == [("raised", "2 files")])
    settle(nas="3 files")
    assert watched.get("/api/admin/alerts").json()["items"][0]["message"] == "3 files"
    settle()
    eventually(lambda: len(heard) == 2)
    assert (heard[1]["state"], heard[1]["message"]) == ("resolved", "3 files")


def test_alerts_of_dead_processes_are_resolved(
    watched: httpx.Client, shelf: Shelf, told: tuple[str, list[dict[str, Any]]]
) -> None:
    dead = Alert(kind="error_rate", subject="somewhere:7:beef", message="killed while 9% failed")
    with Session(shelf.engine) as session, session.begin():
        session.add(dead)
    eventually(lambda: bool(told[1]))
    assert open_alerts(watched) == []
    assert [(one["state"], one["subject"]) for one in told[1]] == [("resolved", "somewhere:7:beef")]


def test_an_older_measurement_does_not_override_a_newer_one(shelf: Shelf) -> None:
    def settle(wrong: dict[str, str], age: float) -> int:
        with Session(shelf.engine) as session, session.begin():
            return len(alerts.settle(session, "block_down", wrong, dt.timedelta(seconds=age)))

    down = {"cache": "block cache is down"}
    assert settle(down, age=0) == 1
    assert settle({}, age=60) == 0, "it looked before the block went down"
    assert settle({}, age=0) == 1
    assert settle(down, age=60) == 0, "it looked before the block came back"
    assert settle(down, age=0) == 1


def test_alerts_of_running_processes_stay_open(shelf: Shelf) -> None:
    def settle(process: str, wrong: str | None, lease: float = 60) -> list[tuple[str, bool]]:
        with Session(shelf.engine) as session, session.begin():
            changed = alerts.settle_own(session, "error_rate", process, wrong, dt.timedelta(seconds=lease))
            return [(alert.subject, alert.resolved_at is None) for alert in changed]

    assert settle("host:1", "9%") == [("host:1", True)]
    assert settle("host:12", "8%") == [("host:12", True)]
    assert settle("host:1", "7%") == []
    assert settle("host:12", None) == [("host:12", False)], "and no other that is written alike"
    assert settle("host:3", None) == []
    assert settle("host:1", "7%", lease=0) == [], "it has just confirmed it"
    assert settle("host:3", None, lease=0) == [("host:1", False)]


def test_the_error_rate_of_few_responses_raises_no_alert(
    watched: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = threading.Event()

    def half(_: ErrorRate) -> float:
        looked.set()
        return 0.5

    with monkeypatch.context() as patched:
        patched.setattr(ErrorRate, "value", half)
        patched.setattr(ErrorRate, "responses", lambda _: 3)
        assert looked.wait(10)
    assert open_alerts(watched, "all") == []


def test_viewers_cannot_read_alerts(client: httpx.Client) -> None:
    assert client.get("/api/admin/alerts").status_code == 403

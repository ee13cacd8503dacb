"""`/metrics`: its contents for the Prometheus of an operator, and who may read it."""

from __future__ import annotations

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from serving.kernel.metrics import ErrorRate
from tests.serving.conftest import Shelf, eventually

pytestmark = pytest.mark.shared_servers


def _samples(client: httpx.Client) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_requests_are_measured_by_route(client: httpx.Client, shelf: Shelf) -> None:
    content_id = shelf.add()
    for _ in range(3):
        client.get(f"/api/contents/{content_id}")
    client.get("/no/such/page")
    samples = _samples(client)
    labels = frozenset({"route": "/api/contents/{content_id}", "method": "GET"}.items())
    assert samples["request_latency_count", labels] == 3
    assert samples["request_latency_bucket", labels | {("le", "+Inf")}] == 3
    assert not any(str(content_id) in str(labels) for _, labels in samples)


def test_events_are_counted(client: httpx.Client, shelf: Shelf) -> None:
    started = ("events_total", frozenset({"event": "stream.started"}.items()))
    before = _samples(client).get(started, 0)
    client.post(f"/api/stream/{shelf.add()}/start").raise_for_status()
    eventually(lambda: _samples(client).get(started) == before + 1)


def test_all_metrics_exist_from_the_start(client: httpx.Client) -> None:
    names = {name for name, _ in _samples(client)}
    assert names >= {
        "cache_hit_rate",
        "active_streams",
        "error_rate",
        "stream_queue_length",
        "bytes_sent_total",
    }
    tiers = {dict(labels)["tier"] for name, labels in _samples(client) if name == "cache_hit_rate"}
    assert tiers == {"l1", "ssd"}


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_requests_through_a_local_proxy_are_not_local(anonymous: httpx.Client, header: str) -> None:
    assert anonymous.get("/metrics", headers={header: "127.0.0.1"}).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8000"])
def test_requests_with_a_foreign_host_name_are_not_local(anonymous: httpx.Client, host: str) -> None:
    assert anonymous.get("/metrics", headers={"Host": host}).status_code == 401
    assert anonymous.get("/metrics", headers={"Host": "localhost:8000"}).status_code == 200


def test_remote_requests_for_metrics_require_an_admin(client: httpx.Client, admin: httpx.Client) -> None:
    elsewhere = {"X-Forwarded-For": "203.0.113.7"}
    assert client.get("/metrics", headers=elsewhere).status_code == 403
    assert admin.get("/metrics", headers=elsewhere).status_code == 200


def test_unknown_methods_create_no_time_series(client: httpx.Client) -> None:
    for word in ("PROPFIND", "MKCOL"):
        client.request(word, "/api/health")
    methods = {dict(labels).get("method") for _, labels in _samples(client)}
    assert "other" in methods
    assert not methods & {"PROPFIND", "MKCOL"}


def test_the_error_rate_covers_five_minutes() -> None:
    now = 0.0
    rate = ErrorRate(lambda: now)
    assert rate.value() == 0
    for status in (200, 404, 503, 500):
        rate.count(status)
    assert rate.value() == 0.5
    now = 200.0
    rate.count(200)
    assert rate.value() == 0.4
    now = 320.0
    assert rate.value() == 0

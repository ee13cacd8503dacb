"""Request bodies: limits of size and time."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import httpx
import pytest

from deployments.api import http_protocol
from serving.http import bodies
from tests.serving.conftest import Shelf
from tests.serving.test_accounts import code_of

pytestmark = pytest.mark.shared_servers

LOGIN = "/api/auth/login"


def said_to(client: httpx.Client, head: bytes) -> bytes:
    """Return everything that the server sends for bytes that are not a complete request."""
    with socket.create_connection(
        (client.base_url.host, client.base_url.port or 0), timeout=20
    ) as connection:
        connection.sendall(head)
        return b"".join(iter(lambda: connection.recv(4096), b""))


def endless(count: int) -> Iterator[bytes]:
    yield from (b" " * 1024 for _ in range(count))


def test_a_body_announced_as_too_large_is_not_read(anonymous: httpx.Client) -> None:
    host = f"POST {LOGIN} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".encode()
    answer = said_to(anonymous, host + b"Content-Length: 99999999999999999999999\r\n\r\n")
    assert b" 413 " in answer.partition(b"\r\n")[0] or b" 400 " in answer.partition(b"\r\n")[0]
    answer = said_to(anonymous, host + b"Content-Type: application/json\r\nContent-Length: 200000000\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"REQUEST_ENTITY_TOO_LARGE" in answer


@pytest.mark.parametrize(("method", "path"), [("POST", LOGIN), ("PATCH", "/api/users/me")])
def test_a_body_that_grows_too_large_is_refused(anonymous: httpx.Client, method: str, path: str) -> None:
    headers = {"content-type": "application/json"}
    answer = anonymous.request(method, path, content=endless(200), headers=headers)
    assert code_of(answer) == (413, "REQUEST_ENTITY_TOO_LARGE")
    assert "64 KiB" in answer.json()["error"]["message"]
    assert anonymous.get("/api/health").status_code == 200


def test_the_end_of_playback_has_a_body_limit(client: httpx.Client, shelf: Shelf) -> None:
    answer = client.post(f"/api/stream/{shelf.add()}/end", content=endless(200))
    assert code_of(answer) == (413, "REQUEST_ENTITY_TOO_LARGE")


@pytest.mark.parametrize(
    "body", [b"[" * 50_000, b'{"email": ' * 5_000, b"\xff\xfe\x00", b'{"email": "\xff"}']
)
def test_an_unreadable_body_is_reported(anonymous: httpx.Client, body: bytes) -> None:
    answer = anonymous.post(LOGIN, content=body, headers={"content-type": "application/json"})
    assert code_of(answer) == (422, "REQUEST_INVALID")


def test_a_body_that_does_not_arrive_times_out(
    anonymous: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "PATIENCE", 0.2)
    head = f"POST {LOGIN} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"
    answer = said_to(anonymous, head.encode() + b"{")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"REQUEST_TIMEOUT" in answer


def test_a_request_head_that_does_not_arrive_times_out(
    anonymous: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_TIMEOUT", 0.2)
    assert said_to(anonymous, b"") == b""
    assert said_to(anonymous, b"GET /api/hea").startswith(b"HTTP/1.1 408 ")
    whole = b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n"
    assert said_to(anonymous, whole + whole[:20]).startswith(b"HTTP/1.1 200 "), "and then its end"


def test_waiting_for_a_response_is_not_limited(
    client: httpx.Client, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_TIMEOUT", 0.05)
    content_id = shelf.add(content=bytes(1 << 24))
    with client.stream("GET", f"/api/stream/{content_id}") as stream:
        pieces = stream.iter_raw(1 << 20)
        received = len(next(pieces))
        # Sent on a separate connection, and later than the deadline.
        client.get("/api/health")
        received += sum(map(len, pieces))
    assert received == 1 << 24


def test_paths_with_an_extra_slash_are_not_found(client: httpx.Client) -> None:
    answer = client.get("/api/contents/", headers={"host": "elsewhere.example"})
    assert answer.status_code == 404
    assert "location" not in answer.headers

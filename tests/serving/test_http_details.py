"""Details of HTTP: caching, methods, numbers, long request heads, half-closed connections."""

from __future__ import annotations

import re
import socket
from typing import Any

import httpx
import pytest
from starlette.routing import Route

from deployments.api.http_protocol import MAX_HEAD_BYTES
from orchestration.settings import Settings
from serving.app import create_app
from tests.serving.conftest import Shelf
from tests.serving.test_stream import code

pytestmark = pytest.mark.shared_servers

SOME_ID = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/users/me", 200),
        ("GET", "/api/contents", 200),
        ("GET", "/api/home", 200),
        ("HEAD", "/api/contents", 200),
        ("GET", f"/api/contents/{SOME_ID}", 404),
        ("GET", f"/api/stream/{SOME_ID}", 404),
        ("GET", "/api/admin/users", 403),
        ("GET", "/api/contents?limit=x", 422),
        ("POST", "/api/contents", 405),
        ("POST", "/api/auth/login", 422),
        ("GET", "/api/nothing", 404),
        ("GET", "/nothing", 404),
        ("GET", "/api/health", 200),
    ],
)
def test_private_responses_may_not_be_stored(
    client: httpx.Client, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["cache-control"]) == (status, "private, no-store")


def test_public_responses_may_be_stored(anonymous: httpx.Client) -> None:
    assert anonymous.get("/api/contents").headers["cache-control"] == "private, no-store", "a 401"
    for path in ("/", "/api/openapi.json", "/assets/app.js"):
        assert anonymous.get(path).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/contents", "GET, HEAD"),
        ("/api/users/me", "GET, HEAD, PATCH"),
        (f"/api/admin/users/{SOME_ID}", "DELETE, GET, HEAD, PATCH"),
        (f"/api/stream/{SOME_ID}", "GET, HEAD"),
        (f"/api/stream/{SOME_ID}/start", "POST"),
        ("/api/health/live", "GET, HEAD"),
        ("/api/openapi.json", "GET, HEAD"),
        ("/metrics", "GET, HEAD"),
        ("/", "GET, HEAD"),
        ("/assets/app.js", "GET, HEAD"),
    ],
)
def test_a_405_names_all_methods(anonymous: httpx.Client, path: str, methods: str) -> None:
    for method in ("OPTIONS", "PUT", "QUERY"):
        answer = anonymous.request(method, path)
        assert (answer.status_code, answer.headers.get_list("allow")) == (405, [methods])


@pytest.mark.parametrize("wrong", [True, "5", "1e3", [5], {}])
def test_in_json_only_numbers_are_numbers(client: httpx.Client, shelf: Shelf, wrong: Any) -> None:
    title = shelf.add()
    for word in ("progress", "heartbeat", "end"):
        body = {"position_seconds": wrong, "playback_id": SOME_ID}
        assert code(client.post(f"/api/stream/{title}/{word}", json=body)) == "REQUEST_INVALID"


def test_json_refuses_text_and_booleans_as_numbers(client: httpx.Client, shelf: Shelf) -> None:
    url = f"/api/stream/{shelf.add()}/progress"
    for written in (b"NaN", b"Infinity", b"-Infinity", b"1e999"):
        body = b'{"position_seconds": %b}' % written
        answer = client.post(url, content=body, headers={"content-type": "application/json"})
        assert code(answer) == "REQUEST_INVALID"
    assert client.post(url, json={"position_seconds": 5}).status_code == 200


def test_edits_and_hands_accept_only_numbers_as_numbers(admin: httpx.Client, shelf: Shelf) -> None:
    url = f"/api/admin/contents/{shelf.add(duration_seconds=100)}"
    for edit in ({"year": True}, {"year": "2024"}, {"part": 1.5}, {"is_visible": 1}, {"is_visible": "true"}):
        assert admin.patch(url, json=edit).status_code == 422, edit
    hand: dict[str, Any] = {"hand_index": 1, "start_seconds": 1, "end_seconds": 2.5}
    wrong = [("hand_index", True), ("hand_index", "1"), ("start_seconds", "1"), ("end_seconds", True)]
    wrong += [("pot_size", "5"), ("pot_size", True), ("is_best", "true")]
    for field, value in wrong:
        answer = admin.post(f"{url}/hands", json=[hand | {field: value}])
        assert (code(answer), answer.json()["error"]["details"]["rows"][0]["field"]) == (
            "HANDS_INVALID",
            field,
        )
    assert admin.post(f"{url}/hands", json=[hand | {"end_seconds": "0:01:30"}]).status_code == 200


@pytest.mark.parametrize(
    "written", ["+5", " 5", "5 ", "1e3", "1_0", "5.0", "٥", "５", "-1", "0x5", "true", ""]
)
def test_numbers_in_query_strings_are_digits(client: httpx.Client, written: str) -> None:
    for name in ("limit", "offset", "year"):
        assert code(client.get("/api/contents", params={name: written})) == "REQUEST_INVALID"
    assert client.get("/api/contents", params={"limit": "007"}).status_code == 200


def exchange(client: httpx.Client, *pieces: bytes, half_close: bool = False) -> bytes:
    """Send these bytes piece by piece, and return the responses of the server."""
    with socket.create_connection((client.base_url.host, client.base_url.port or 0), 20) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in pieces:
                connection.sendall(piece)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            # The server has refused the request and reads no more.
            pass
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def head_of(size: int, line: bytes) -> bytes:
    """Return a request whose path and headers have this many bytes, with headers such as this one."""
    begin, end = b"GET /api/health/live HTTP/1.1\r\n", b"host: x\r\nconnection: close\r\n"
    length = size - len(b"/api/health/live") - len(end)
    lines = line * (length // len(line))
    pad = length - len(lines)
    filler = b"" if pad < 5 else b"p: " + b"x" * (pad - 5) + b"\r\n"
    return begin + end + lines + filler + b"\r\n"


@pytest.mark.parametrize("line", [b"a: b\r\n", b"x: " + b"y" * 60_000 + b"\r\n"])
def test_the_limit_of_a_request_head_is_exact(anonymous: httpx.Client, line: bytes) -> None:
    assert exchange(anonymous, head_of(MAX_HEAD_BYTES - 1000, line)).startswith(b"HTTP/1.1 200 ")
    for size in (MAX_HEAD_BYTES + 1000, 2 * MAX_HEAD_BYTES - 1000):
        head = head_of(size, line)
        for pieces in ([head], [head[i : i + 50_000] for i in range(0, len(head), 50_000)]):
            answer = exchange(anonymous, *pieces)
            assert answer.startswith(b"HTTP/1.1 431 ")
            assert b"REQUEST_HEADER_FIELDS_TOO_LARGE" in answer


def test_a_path_that_is_too_long_is_refused(anonymous: httpx.Client) -> None:
    def asked(length: int) -> bytes:
        head = b"GET /api/health/live?" + b"x" * length
        return exchange(anonymous, head + b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")

    assert asked(60_000).startswith(b"HTTP/1.1 200 ")
    assert asked(MAX_HEAD_BYTES).startswith(b"HTTP/1.1 431 ")


WHOLE = b"GET /api/contents HTTP/1.1\r\nhost: x\r\n\r\n"


def test_a_half_closed_client_gets_its_responses(anonymous: httpx.Client) -> None:
    answer = exchange(anonymous, WHOLE, half_close=True)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"AUTH_REQUIRED" in answer
    answer = exchange(anonymous, WHOLE * 3, half_close=True)
    assert answer.count(b"HTTP/1.1 401 ") == 3, "all that were complete"


def test_a_long_response_reaches_a_half_closed_client(client: httpx.Client, shelf: Shelf) -> None:
    content = bytes(8 << 20)
    head = f"GET /api/stream/{shelf.add(content=content)} HTTP/1.1\r\nhost: x\r\n"
    head += f"authorization: {client.headers['authorization']}\r\n\r\n"
    answer = exchange(client, head.encode(), half_close=True)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.partition(b"\r\n\r\n")[2] == content


def test_an_incomplete_request_of_a_half_closed_client_is_dropped(anonymous: httpx.Client) -> None:
    assert exchange(anonymous, WHOLE[:20], half_close=True) == b""
    body = b"POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"
    assert exchange(anonymous, body, half_close=True) == b""


def test_the_rules_of_accounts_are_documented(anonymous: httpx.Client) -> None:
    schemas = anonymous.get("/api/openapi.json").json()["components"]["schemas"]
    registration = schemas["Registration"]["properties"]
    assert registration["username"]["pattern"] == r"^[\w.-]{3,32}$"
    assert (registration["password"]["minLength"], registration["password"]["maxLength"]) == (8, 72)
    pattern = registration["password"]["pattern"]
    for password, fits in (
        ("Aces2Kings", True),
        ("aces2kings", False),
        ("2kingsAC", True),
        ("ACES2KINGS", False),
    ):
        assert bool(re.search(pattern, password)) == fits
    assert registration["email"]["pattern"] == r"^[^@\s]+@[^@\s]+$"
    assert schemas["NewPassword"]["properties"]["password"]["pattern"] == pattern


def test_every_get_route_also_responds_to_head(settings: Settings) -> None:
    app = create_app(settings)
    routes = [route for route in app.router.routes if isinstance(route, Route)]
    by_method = {
        method: {route.path for route in routes if method in (route.methods or ())}
        for method in ("GET", "HEAD")
    }
    assert by_method["GET"]
    assert by_method["GET"] <= by_method["HEAD"]

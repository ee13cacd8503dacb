"""The guard of pages, and redirects to the sign-in."""

from __future__ import annotations

import socket

import httpx
import pytest

from orchestration.settings import Settings
from serving.app import create_app
from serving.kernel.renderer import Renderer
from serving.kernel.viewer import ACCESS_COOKIE
from tests.serving.conftest import serving, sign_in
from tests.web.conftest import KEY, Stub


@pytest.mark.parametrize(
    ("path", "cookies", "location"),
    [
        ("/", {}, "/sign-in"),
        ("/title/5", {}, "/sign-in?next=%2Ftitle%2F5"),
        ("/browse?year=2024&q=a%20b", {}, "/sign-in?next=%2Fbrowse%3Fyear%3D2024%26q%3Da%2520b"),
        ("/title/5", {"wsoptv_until": "1"}, "/api/auth/continue?next=%2Ftitle%2F5"),
        ("/title/5?wsoptv_turn=1", {"wsoptv_until": "1"}, "/sign-in?next=%2Ftitle%2F5"),
        ("//evil.example/x", {}, "/sign-in"),
        ("/%5Cevil.example", {}, "/sign-in"),
    ],
)
def test_a_stranger_is_sent_to_the_sign_in(
    anonymous: httpx.Client, path: str, cookies: dict[str, str], location: str
) -> None:
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    url = anonymous.base_url.copy_with(raw_path=path.encode())
    answer = anonymous.get(url, headers={"cookie": header} if header else {})
    assert (answer.status_code, answer.headers["location"]) == (303, location)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {"rsc": "1"},
        {"sec-purpose": "prefetch;prerender", "sec-fetch-mode": "navigate"},
        {"sec-fetch-mode": "cors"},
        {"accept": "application/json"},
    ],
)
def test_scripts_and_prefetches_get_a_401(anonymous: httpx.Client, headers: dict[str, str]) -> None:
    answer = anonymous.get("/title/5", headers={**headers, "cookie": "wsoptv_until=1"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "AUTH_REQUIRED")


@pytest.mark.parametrize("path", ["/sign-in", "/register", "/reset/some-token", "/favicon.ico"])
def test_public_pages_need_no_sign_in(anonymous: httpx.Client, path: str) -> None:
    # The stub has only one of them; its 404 shows that it was asked.
    assert anonymous.get(path).status_code in (200, 404)


@pytest.mark.parametrize(
    "path",
    [
        "/reset/../title/5",
        "/reset/..",
        "/reset/%2e%2e/title/5",
        "/reset/..%2Ftitle/5",
        "/reset/..%5Ctitle/5",
        "/reset/.%2Fx",
        "/reset/../_next/image",
    ],
)
def test_a_path_with_dot_segments_is_no_page(anonymous: httpx.Client, path: str) -> None:
    answer = _raw(anonymous, path)
    assert (answer.split(b" ")[1], b'"NOT_FOUND"' in answer) == (b"404", True)


@pytest.mark.parametrize("path", ["/reset/a/b", "/reset//title/5", "/reset/a%5Ctitle", "/reset/a%3Fb"])
def test_only_one_segment_below_a_public_page_is_public(anonymous: httpx.Client, path: str) -> None:
    assert _raw(anonymous, path).split(b" ")[1] == b"303"


def _raw(client: httpx.Client, path: str) -> bytes:
    """Request a path exactly as it is written; httpx would resolve it."""
    address = (client.base_url.host, client.base_url.port)
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: tv\r\nConnection: close\r\n\r\n".encode())
        return connection.makefile("rb").read()


def test_files_that_the_renderer_makes_count_for_the_address(settings: Settings, stub: Stub) -> None:
    renderer = Renderer(lambda: stub.state, None, KEY)
    few = settings.model_copy(update={"read_limit": 3})
    with serving(create_app(few, renderer=renderer)) as client:
        assert [client.get("/robots.txt").status_code for _ in range(4)] == [404, 404, 404, 429]


def test_a_forged_token_is_no_sign_in(anonymous: httpx.Client) -> None:
    answer = anonymous.get("/", headers={"cookie": "wsoptv_access=a.b.c"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_too_many_requests_get_the_plain_page(settings: Settings, stub: Stub) -> None:
    few = settings.model_copy(update={"rate_limit": 3, "read_limit": 3})
    with serving(create_app(few, renderer=Renderer(lambda: stub.state, key=KEY))) as client:
        client.cookies.set(ACCESS_COOKIE, sign_in(settings).token)
        answers = [client.get("/") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert '<ul id="titles">' in answers[-1].text
    assert int(answers[-1].headers["retry-after"]) > 0

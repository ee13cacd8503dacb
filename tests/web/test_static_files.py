"""The static files of the web app."""

from __future__ import annotations

import gzip
import socket
from pathlib import Path

import httpx
import pytest

from tests.web.conftest import Stub

CHUNK = "/_next/static/chunks/%5Bid%5D-0a1b.js"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("*", "br"),
        ("identity", None),
        ("br;q=nothing", None),
    ],
)
def test_a_chunk_is_sent_as_it_was_compressed(
    anonymous: httpx.Client, accepted: str, coding: str | None
) -> None:
    with anonymous.stream("GET", CHUNK, headers={"accept-encoding": accepted}) as answer:
        body = b"".join(answer.iter_raw())
    assert answer.status_code == 200
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    expected = b"console.log('a chunk');" * 100
    assert {"br": lambda: body == b"brotli", "gzip": lambda: gzip.decompress(body) == expected}.get(
        coding or "", lambda: body == expected
    )()


def test_files_that_keep_their_names_are_kept_for_an_hour(anonymous: httpx.Client) -> None:
    answer = anonymous.get("/icon.png")
    assert (answer.content, answer.headers["cache-control"]) == (b"a picture", "public, max-age=3600")
    assert answer.headers["content-type"] == "image/png"


def test_a_known_version_is_not_sent_again(anonymous: httpx.Client) -> None:
    tag = anonymous.get(CHUNK).headers["etag"]
    again = anonymous.get(CHUNK, headers={"if-none-match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = anonymous.get(CHUNK, headers={"accept-encoding": "identity", "if-none-match": tag})
    assert other.status_code == 200, "each coding has a tag of its own"


def test_head_has_the_headers_of_get(anonymous: httpx.Client) -> None:
    get, head = anonymous.get(CHUNK), anonymous.head(CHUNK)
    assert head.content == b""
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize(
    "path",
    [
        "/_next/static/../../../server.js",
        "/_next/static/%2e%2e/%2e%2e/%2e%2e/server.js",
        "/_next/static/..%2f..%2f..%2fserver.js",
        "/_next/static//etc/passwd",
        "/_next/static/chunks/%5Bid%5D-0a1b.js%00",
        "/_next/static/chunks/%5Bid%5D-0a1b.js.gz",
        "/_next/static/chunks",
        "/_next/static/unknown.js",
        "/_next/image?url=%2Ficon.png",
    ],
)
def test_other_paths_do_not_exist(anonymous: httpx.Client, stub: Stub, path: str) -> None:
    """Neither the file system nor the renderer is asked."""
    url = anonymous.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=10) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: {url.host}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 404 "), answer
    assert b"secret" not in answer
    assert b"cache-control: private, no-store" in answer.lower()


def test_symbolic_links_are_not_followed(anonymous: httpx.Client, files: Path) -> None:
    assert (files / "link.js").read_text() == "secret"
    answer = anonymous.get("/link.js", follow_redirects=False)
    assert answer.status_code == 303, "a page like any other, for which one signs in"


def test_only_get_and_head_are_allowed(anonymous: httpx.Client) -> None:
    for path in (CHUNK, "/icon.png", "/title/5"):
        answer = anonymous.post(path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")

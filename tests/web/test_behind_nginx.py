"""The web app behind nginx, which sends the files with hashed names from disk."""

from __future__ import annotations

import gzip
from pathlib import Path

import httpx

from deployments.nginx import has_compressed_files
from serving.http.tls import certificates
from tests.serving.nginx import NEEDS_NGINX, behind_nginx
from tests.web.conftest import POLICY

pytestmark = NEEDS_NGINX

CHUNK = "/_next/static/chunks/%5Bid%5D-0a1b.js"


def test_nginx_sends_the_files_and_passes_the_pages_on(person: httpx.Client, files: Path) -> None:
    with (
        behind_nginx(person.base_url, static=files) as url,
        httpx.Client(base_url=url, cookies=person.cookies, verify=certificates()) as client,
    ):
        # Only nginx can have it: the application read the folder before.
        (files / "_next/static/late.css").write_text("body {}")
        late = client.get("/_next/static/late.css")
        assert (late.status_code, late.headers["content-type"]) == (200, "text/css; charset=utf-8")
        with client.stream("GET", CHUNK, headers={"accept-encoding": "gzip"}) as chunk:
            raw = b"".join(chunk.iter_raw())
        assert chunk.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert chunk.headers["x-content-type-options"] == "nosniff"
        assert chunk.headers["content-type"] == "text/javascript; charset=utf-8"
        if has_compressed_files():
            assert gzip.decompress(raw) == b"console.log('a chunk');" * 100
            assert "Accept-Encoding" in chunk.headers["vary"]
        page = client.get("/")
        assert (page.text, page.headers["content-security-policy"]) == ("<h1>rendered</h1>", POLICY)
        assert page.headers["cache-control"] == "private, no-cache"
        missing = client.get("/_next/static/none.js")
        assert (missing.status_code, missing.json()["error"]["code"]) == (404, "NOT_FOUND")
        for path in ("/_next/static/../../server.js", "/_next/static/%2e%2e/%2e%2e/%2e%2e/server.js"):
            assert "secret" not in client.get(url.copy_with(raw_path=path.encode())).text


def test_the_application_sends_what_nginx_does_not_have(person: httpx.Client, tmp_path: Path) -> None:
    """As in Compose, where nginx has a container of its own."""
    with behind_nginx(person.base_url, static=tmp_path / "nowhere") as url:
        answer = httpx.get(url.join(CHUNK), verify=certificates())
    assert (answer.status_code, answer.headers["cache-control"]) == (
        200,
        "public, max-age=31536000, immutable",
    )

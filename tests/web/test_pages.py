"""Pages, which the renderer makes and the application sends."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from orchestration.settings import Settings
from serving.kernel.renderer import Phase, RendererState
from serving.web import renderer_client
from tests.serving.conftest import eventually, unused_port
from tests.web.conftest import KEY, POLICY, Stub


def test_a_page_is_rendered_and_private(person: httpx.Client) -> None:
    page = person.get("/")
    assert (page.status_code, page.text) == (200, "<h1>rendered</h1>")
    assert page.headers["cache-control"] == "private, no-cache"
    assert page.headers["content-security-policy"] == POLICY, "a page sets its own policy"
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["vary"] == "rsc, Accept-Encoding"
    held = {"set-cookie", "x-powered-by", "x-middleware-rewrite", "x-inner", "keep-alive"}
    assert not held & set(page.headers)
    assert len(page.headers.get_list("date")) == 1


def test_a_page_is_compressed_if_the_browser_accepts_it(person: httpx.Client) -> None:
    with person.stream("GET", "/", headers={"accept-encoding": "gzip"}) as page:
        raw = b"".join(page.iter_raw())
    assert page.headers["content-encoding"] == "gzip"
    assert "content-length" not in page.headers
    assert page.headers["etag"] == 'W/"page"'
    assert gzip.decompress(raw) == b"<h1>rendered</h1>"
    plain = person.get("/", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.headers["etag"] == '"page"'
    assert int(plain.headers["content-length"]) == len(plain.content)


def test_head_renders_no_body(person: httpx.Client) -> None:
    head = person.head("/")
    assert (head.status_code, head.content) == (200, b"")


def test_the_renderer_gets_only_what_it_needs(person: httpx.Client, settings: Settings) -> None:
    token = person.cookies["wsoptv_access"]
    sent = {
        "x-forwarded-for": "203.0.113.9",
        "x-forwarded-host": "evil.example",
        "x-wsoptv-render": "guessed",
        "x-wsoptv-path": "/elsewhere",
        "x-middleware-subrequest": "middleware",
        "content-security-policy": "script-src *",
        "authorization": "Bearer stolen",
        "host": "tv.example.com",
        "next-router-prefetch": "1",
        "accept-language": "ko",
        "te": "trailers",
        "connection": "keep-alive, x-odd",
        "x-odd": "1",
        "cookie": f"wsoptv_access={token}; wsoptv_refresh=r; wsoptv_device_0a=d; theme=light",
    }
    person.cookies.clear()
    seen: dict[str, Any] = person.get("/headers?a=%20b&c=/../d", headers=sent).json()
    assert seen["host"] == seen["x-forwarded-host"] == "tv.example.com"
    assert (seen["x-forwarded-for"], seen["x-forwarded-proto"]) == ("127.0.0.1", "http")
    assert seen["x-wsoptv-render"] == KEY
    assert seen["cookie"] == f"wsoptv_access={token}; theme=light"
    assert (seen["accept-language"], seen["next-router-prefetch"]) == ("ko", "1")
    assert seen["target"] == "a=%20b&c=/../d"
    passed = {
        "x-wsoptv-path",
        "x-middleware-subrequest",
        "content-security-policy",
        "authorization",
        "te",
        "x-odd",
    }
    assert not passed & set(seen)


@pytest.mark.parametrize("name", ["user-agent", "accept-language", "referer", "cookie", "if-none-match"])
def test_headers_may_contain_any_bytes(person: httpx.Client, name: str) -> None:
    own = f"wsoptv_access={person.cookies['wsoptv_access']}".encode()
    person.cookies.clear()
    value = "a=한é".encode() + b"\xff"
    sent = {b"cookie": own, name.encode(): own + b"; " + value if name == "cookie" else value}
    answer = person.get("/headers", headers=sent)
    assert answer.status_code == 200
    assert answer.json()[name].endswith(value.decode("latin-1"))


@pytest.mark.parametrize(
    ("to", "location"),
    [
        ("/title/5?a=b", "/title/5?a=b"),
        ("http://tv.example.com/title/5", "/title/5"),
        ("https://evil.example/", "/"),
        ("//evil.example/x", "/"),
        ("/\\evil.example", "/%5Cevil.example"),
        ("http://127.0.0.1:1/inner", "/"),
    ],
)
def test_a_redirect_stays_on_the_site(person: httpx.Client, to: str, location: str) -> None:
    answer = person.get("/away", params={"to": to}, headers={"host": "tv.example.com"})
    assert (answer.status_code, answer.headers["location"]) == (307, location)


def test_a_host_that_is_no_name_is_refused(person: httpx.Client) -> None:
    for host in ("a b", "user@host", "host/path", "host:port"):
        answer = person.get("/sign-in", headers={"host": host})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST")


def test_a_page_is_sent_while_it_is_made(person: httpx.Client, stub: Stub) -> None:
    for coding in ("identity", "gzip"):
        stub.may_end.clear()
        with person.stream("GET", "/big", headers={"accept-encoding": coding}) as page:
            parts = page.iter_bytes()
            assert next(parts) == b"<h1>begun</h1>"
            stub.may_end.set()
            assert sum(map(len, parts)) >= 400 * 17_000


def test_a_client_that_leaves_ends_the_rendering(person: httpx.Client, stub: Stub) -> None:
    with person.stream("GET", "/big") as page:
        assert next(page.iter_bytes()) == b"<h1>begun</h1>"
    assert stub.cancelled.wait(5)


def test_a_page_that_breaks_off_is_not_complete(person: httpx.Client) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        person.get("/cut")


def test_an_error_page_of_the_web_app_is_passed_on(person: httpx.Client) -> None:
    page = person.get("/failed")
    assert (page.status_code, page.text) == (500, "<h1>an error page of the web app</h1>")


def test_few_pages_are_rendered_at_once(person: httpx.Client, stub: Stub) -> None:
    def ask(_: int) -> int:
        return person.get("/slow").status_code

    with ThreadPoolExecutor(12) as pool:
        asked = [pool.submit(ask, number) for number in range(12)]
        eventually(lambda: stub.open == 4)
        time.sleep(0.2)
        stub.may_end.set()
        assert [one.result() for one in asked] == [200] * 12
    assert stub.most_open == 4


def test_while_all_places_are_taken_the_plain_page_is_shown(
    person: httpx.Client, stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(person.get, "/slow") for _ in range(4)]
        eventually(lambda: stub.open == 4)
        monkeypatch.setattr(renderer_client, "FIRST_BYTE", 0.3)
        answer = person.get("/")
        assert answer.status_code == 503
        assert "Too many pages" in answer.text
        assert '<ul id="titles">' in answer.text
        stub.may_end.set()
        assert [one.result().status_code for one in asked] == [200] * 4


def test_a_page_that_takes_too_long_is_replaced(
    person: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renderer_client, "FIRST_BYTE", 0.3)
    page = person.get("/slow")
    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert "was not ready after" in page.text
    assert page.headers["cache-control"] == "private, no-store"
    assert "default-src 'self'" in page.headers["content-security-policy"]
    data = person.get("/slow", headers={"rsc": "1"})
    assert (data.status_code, data.json()["error"]["code"]) == (503, "PAGES_UNAVAILABLE")


def test_the_first_page_waits_for_a_renderer_that_starts(person: httpx.Client, stub: Stub) -> None:
    ready, stub.state = stub.state, RendererState(Phase.STARTING)
    timer = threading.Timer(0.5, lambda: setattr(stub, "state", ready))
    timer.start()
    assert person.get("/").text == "<h1>rendered</h1>"
    timer.join()


def test_a_dead_port_is_tried_again_and_then_explained(person: httpx.Client, stub: Stub) -> None:
    stub.state = RendererState(Phase.READY, unused_port())
    page = person.get("/sign-in")
    assert page.status_code == 503
    assert "closed the connection" in page.text


@pytest.mark.parametrize(
    ("phase", "status", "said"),
    [
        (Phase.NOT_BUILT, 200, "<code>make web</code>"),
        (Phase.NO_NODE, 200, "Node.js 20.9 or later, which makes the others, was not found"),
        (Phase.ENDED, 503, "has ended and is started again"),
        (Phase.SILENT, 503, "does not respond"),
    ],
)
def test_without_a_renderer_the_plain_page_says_why(
    anonymous: httpx.Client, stub: Stub, phase: Phase, status: int, said: str
) -> None:
    stub.state = RendererState(phase)
    page = anonymous.get("/")
    assert (page.status_code, said in page.text) == (status, True)
    assert anonymous.get("/title/5").status_code == 503
    assert anonymous.get("/api/nothing").status_code == 404
    assert anonymous.get("/_next/static/unknown.js").status_code == 404
    health = anonymous.get("/api/health").json()
    assert (health["status"], health["web"]["status"]) == ("degraded", "degraded")
    assert health["web"]["reason"]
    assert anonymous.get("/api/health").status_code == 200


def test_the_health_of_a_renderer_that_works(anonymous: httpx.Client, stub: Stub) -> None:
    assert anonymous.get("/api/health").json()["web"] == {"status": "healthy", "reason": None}
    stub.state = RendererState(Phase.STARTING)
    health = anonymous.get("/api/health").json()
    assert (health["status"], health["web"]["status"]) == ("healthy", "starting")


def test_the_plain_page_has_an_address_of_its_own(anonymous: httpx.Client) -> None:
    page = anonymous.get("/plain")
    assert (page.status_code, 'class="reason"' in page.text) == (200, False)
    assert '<ul id="titles">' in page.text


def test_paths_of_the_api_never_reach_the_renderer(person: httpx.Client) -> None:
    for path in ("/api", "/api/nothing", "/docs/x", "/assets/x", "/metrics/x", "/swagger/x", "/_next/data/x"):
        answer = person.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND"), path


def test_metrics_name_pages_and_files(person: httpx.Client, settings: Settings) -> None:
    person.get("/headers")
    person.get("/icon.png")
    person.cookies.clear()
    metrics = person.get("/metrics").text
    assert 'route="/{page:path}"' in metrics
    assert 'route="/{file:path}"' in metrics
    assert "/headers" not in metrics


def test_http_1_0_without_host(person: httpx.Client) -> None:
    url = person.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=10) as raw:
        raw.sendall(b"GET /sign-in HTTP/1.0\r\n\r\n")
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"rendered" in answer


def test_a_page_from_another_origin_changes_nothing(person: httpx.Client) -> None:
    """Pages are only read, so a foreign `Origin` is harmless; the API refuses it, as before."""
    foreign = {"origin": "https://evil.example"}
    assert person.get("/", headers=foreign).status_code == 200
    refused = person.patch("/api/users/me", json={"username": "x"}, headers=foreign)
    assert refused.status_code == 403
    assert json.loads(refused.text)["error"]["code"] == "AUTH_ORIGIN_REFUSED"

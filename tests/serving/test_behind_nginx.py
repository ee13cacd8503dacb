"""The responses that nginx sends, also if files change in between."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import httpx
import imageio_ffmpeg
import pytest
from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.stack import Stack
from serving.app import create_app
from serving.http.tls import certificates
from serving.stream.responses.nginx import MOST
from tests.plugins.servers import Administer, fresh_database, settings_of
from tests.serving.conftest import Shelf, eventually, serving, shelf_in, sign_in, unused_port
from tests.serving.nginx import NEEDS_NGINX, behind_nginx

pytestmark = NEEDS_NGINX

BYTES = bytes(range(256)) * 4
OLD = 784_111_777


@dataclass
class Overheard:
    """Records the redirects of the application: the paths left to nginx, or None for bytes that it sends
    itself.

    `meanwhile` is called before nginx receives a path.
    """

    left: list[str | None] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def of(self, app: ASGIApp) -> ASGIApp:
        """Return the application with its redirects recorded."""

        async def overheard(scope: Scope, receive: Receive, send: Send) -> None:
            async def sent(message: Message) -> None:
                if message["type"] == "http.response.start":
                    path = dict(message["headers"]).get(b"x-accel-redirect")
                    self.left.append(path and path.decode())
                    if path is not None:
                        self.meanwhile()
                await send(message)

            await app(scope, receive, sent if scope.get("path", "").startswith("/api/stream/") else send)

        return overheard


@dataclass(frozen=True)
class House:
    """An application behind nginx and a signed-in account. `direct` is a client that bypasses nginx."""

    shelf: Shelf
    client: httpx.Client
    direct: httpx.Client
    overheard: Overheard

    def get(self, url: str, **headers: str) -> tuple[httpx.Response, list[str | None]]:
        """Return the response, and the redirect that nginx received."""
        self.overheard.left.clear()
        response = self.client.get(url, headers={name.replace("_", "-"): v for name, v in headers.items()})
        return response, list(self.overheard.left)


@pytest.fixture(scope="module")
def house(
    stack: Stack,
    administer: Administer,
    template: str,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with ExitStack() as closing:
        database_url = closing.enter_context(fresh_database(stack, administer, template))
        settings = settings_of(folder, database_url, redis_url).model_copy(
            update={"accel": True, "stream_limit_per_user": 1000, "trusted_proxies": ("127.0.0.1",)}
        )
        shelf = closing.enter_context(shelf_in(folder, database_url))
        app, overheard = create_app(settings), Overheard()
        app.add_middleware(_Overhearing, overheard=overheard)
        _add_mirror(app)
        direct = closing.enter_context(serving(app))
        url = closing.enter_context(behind_nginx(direct.base_url, roots=(shelf.archive,)))
        headers = sign_in(settings).headers
        direct.headers.update(headers)
        client = closing.enter_context(
            httpx.Client(base_url=url, timeout=20, headers=headers, verify=certificates())
        )
        yield House(shelf, client, direct, overheard)


class _Overhearing:
    def __init__(self, app: ASGIApp, overheard: Overheard) -> None:
        self._app = overheard.of(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def _add_mirror(app: FastAPI) -> None:
    async def mirror(request: Request) -> dict[str, str | None]:
        client = request.client.host if request.client else None
        return {"client": client, "scheme": request.url.scheme, **request.headers}

    app.add_api_route("/api/mirror", mirror)


def film(house: House, content: bytes = BYTES, **fields: Any) -> tuple[str, Path]:
    """Add a title with a file that was modified long ago."""
    content_id = house.shelf.add(content=content, **fields)
    path = house.shelf.path_of(content_id)
    os.utime(path, (OLD, OLD))
    return f"/api/stream/{content_id}", path


@pytest.fixture(autouse=True)
def _nothing_meanwhile(house: House) -> None:
    house.overheard.meanwhile = lambda: None


def test_nginx_sends_short_ranges(house: House) -> None:
    url, path = film(house)
    tag = f'"{OLD:x}-{len(BYTES):x}"'
    for sent, expected in (
        ({}, BYTES),
        ({"range": "bytes=0-9"}, BYTES[:10]),
        ({"range": "bytes=1000-"}, BYTES[1000:]),
        ({"range": "bytes=-5"}, BYTES[-5:]),
        ({"range": "bytes=0-9", "if_range": tag}, BYTES[:10]),
        ({"if_range": tag}, BYTES),
    ):
        response, left = house.get(url, **sent)
        assert left == [f"/_files{path}"], sent
        assert response.content == expected


def test_requests_that_nginx_evaluates_differently_are_not_redirected(
    house: House,
) -> None:
    url, _ = film(house)
    large, _ = film(house, bytes(MOST + 1))
    from_the_future, path = film(house)
    os.utime(path, (4_102_444_800, 4_102_444_800))
    for asked, sent in (
        (url, {"range": "bytes=0-1,5-6"}),
        (url, {"range": "bytes=5-4"}),
        (url, {"range": "bytes=9999-"}),
        (url, {"range": "bytes=0-9", "if_range": '"other"'}),
        (url, {"if_none_match": '"other"'}),
        (url, {"if_match": "*"}),
        (from_the_future, {}),
        (large, {}),
        (large, {"range": "bytes=0-"}),
    ):
        _, left = house.get(asked, **sent)
        assert left == [None], sent
    assert house.get(large, range="bytes=1-")[1] != [None]
    house.overheard.left.clear()
    house.client.head(url)
    assert house.overheard.left == [None]


def test_file_names_may_contain_any_bytes(house: House) -> None:
    for name in (
        b"a\nb\"'%41;?#&+ \\{}$x.mp4",
        "네그라누 🂡.mp4".encode(),
        b"\xff\xfe.mp4",
        b"d/" + b"n" * 251 + b".mp4",
        b"/".join([b"\xfe" * 250] * 12) + b"/deep.mp4",
    ):
        url, _ = film(house, name, name=name)
        response, left = house.get(url)
        assert response.content == name
        assert [bool(part) for part in left] == [True], "nginx sends it at once"


def _truncate(path: Path) -> None:
    os.truncate(path, 10)


def _delete(path: Path) -> None:
    path.unlink()


def _become_a_link(path: Path) -> None:
    path.rename(path.with_suffix(".bak"))
    path.symlink_to(path.with_suffix(".bak"))


def _move_behind_a_linked_folder(path: Path) -> None:
    outside = path.parents[2] / "outside"
    path.parent.rename(outside)
    path.parent.symlink_to(outside)


def _become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        (_truncate, 416, "RANGE_NOT_SATISFIABLE"),
        (_delete, 404, "STREAM_FILE_MISSING"),
        (_become_a_link, 404, "STREAM_FILE_MISSING"),
        (_move_behind_a_linked_folder, 404, "STREAM_FILE_MISSING"),
        (_become_a_folder, 404, "STREAM_FILE_MISSING"),
    ],
)
def test_a_file_that_changes_before_nginx_opens_it(
    house: House, change: Callable[[Path], None], status: int, code: str
) -> None:
    url, path = film(house, name=f"{change.__name__}/film.mp4".encode())
    house.overheard.meanwhile = lambda: change(path)
    response, _ = house.get(url, range="bytes=100-199")
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert response.headers["content-type"] == "application/json"
    for name in ("content-security-policy", "cache-control", "content-range", "accept-ranges"):
        assert len(response.headers.get_list(name)) <= 1, name
    assert response.headers["x-content-type-options"] == "nosniff"
    if status == 416:
        assert response.headers["content-range"] == "bytes */10"
        assert response.json()["error"]["details"] == {"size": 10}


def test_a_file_replaced_before_nginx_opens_it_is_sent_in_its_new_state(house: House) -> None:
    url, path = film(house)
    house.overheard.meanwhile = lambda: path.write_bytes(b"other " * 100)
    response, _ = house.get(url, range="bytes=0-9", if_range=f'"{OLD:x}-{len(BYTES):x}"')
    assert (response.status_code, response.content) == (200, b"other " * 100)
    assert response.headers["etag"].endswith(f'-{600:x}"')


def test_a_file_that_shrinks_while_it_is_sent_ends_only_its_response(house: House) -> None:
    url, path = film(house, bytes(32 * MOST))
    with stalled(house.client, url) as reader:
        os.truncate(path, 1000)
        received = sum(map(len, iter(lambda: reader.recv(1 << 20), b"")))
    assert received < 32 * MOST, "the connection is closed before the promised length"
    assert house.client.get(url).content == bytes(1000)


def test_the_application_sends_files_outside_the_roots_of_nginx(house: House, tmp_path: Path) -> None:
    url, _ = film(house)
    with behind_nginx(house.direct.base_url, roots=(tmp_path,)) as elsewhere:
        house.overheard.left.clear()
        response = httpx.get(elsewhere.join(url), headers=house.client.headers, verify=certificates())
    assert (response.status_code, response.content) == (200, BYTES)
    assert [bool(path) for path in house.overheard.left] == [True, False]
    assert response.headers.get_list("cache-control") == ["private, no-cache"]


def test_clients_cannot_reach_internal_locations_or_set_the_offer(house: House) -> None:
    url, path = film(house)
    for asked in (f"/_files{path}", f"/x/../_files{path}", f"//_files{path}", "/_files/etc/passwd"):
        response = house.client.get(httpx.URL(str(house.client.base_url)).copy_with(raw_path=asked.encode()))
        assert (response.status_code, response.json()["error"]["code"]) == (404, "NOT_FOUND"), asked
    response, left = house.get(url, x_sendfile_type="none", x_accel_redirect="/_files/etc/passwd")
    assert (response.content, left) == (BYTES, [f"/_files{path}"])
    assert "x-accel-redirect" not in house.direct.get(url).headers


def test_the_client_address_is_the_one_that_nginx_reports(house: House) -> None:
    said = house.client.get(
        "/api/mirror", headers={"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
    ).json()
    assert (said["client"], said["scheme"]) == ("127.0.0.1", "http")
    assert said["host"] == f"127.0.0.1:{house.client.base_url.port}"


WRONG = {
    b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n": 400,
    b"GET /api/stream/%00 HTTP/1.1\r\nHost: x\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: x\r\nRange: \0\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: x\r\nIf-Match: a\r\nIf-Match: b\r\n\r\n": 400,
    b"TRACE / HTTP/1.1\r\nHost: x\r\n\r\n": 405,
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n": 413,
    b"GET /" + b"x" * 300_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n": 414,
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 300_000 + b"\r\n\r\n": 431,
    b"GET / HTTP/9.9\r\nHost: x\r\n\r\n": 505,
}


@pytest.mark.parametrize("wire", WRONG, ids=lambda wire: wire[:40].decode())
def test_errors_of_nginx_have_the_common_shape(house: House, wire: bytes) -> None:
    with socket.create_connection((house.client.base_url.host, house.client.base_url.port or 0)) as asking:
        asking.sendall(wire)
        response = HTTPResponse(asking)
        response.begin()
        assert response.status == WRONG[wire]
        assert response.headers["content-type"] == "application/json"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert set(json.loads(response.read())["error"]) == {"code", "message", "details"}


def test_nginx_reports_a_dead_application_and_uses_another(house: House) -> None:
    down = httpx.URL(f"http://127.0.0.1:{unused_port()}")
    with behind_nginx(down, roots=(house.shelf.archive,)) as alone:
        response = httpx.get(alone.join("/api/contents"), verify=certificates())
    assert (response.status_code, response.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert response.headers["retry-after"] == "5"
    with behind_nginx(down, house.direct.base_url, roots=(house.shelf.archive,)) as both:
        answers = [httpx.get(both.join("/api/mirror"), verify=certificates()) for _ in range(8)]
    assert [answer.status_code for answer in answers] == [200] * 8


def stalled(client: httpx.Client, url: str) -> socket.socket:
    """Open a client that requests the file and reads only as much as the smallest buffer holds."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(10)
    connection.connect((client.base_url.host, client.base_url.port))
    authorization = client.headers["authorization"]
    connection.sendall(f"GET {url} HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n\r\n".encode())
    assert connection.recv(64).startswith(b"HTTP/1.1 200")
    return connection


@pytest.mark.parametrize("size", [MOST, 16 * MOST])
def test_stalled_clients_delay_no_others(house: House, size: int) -> None:
    large, _ = film(house, bytes(size))
    url, _ = film(house)
    readers = [stalled(house.client, large) for _ in range(64)]
    assert house.get(url)[0].content == BYTES
    assert house.client.get("/api/contents").status_code == 200
    for reader in readers:
        reader.close()
    eventually(lambda: house.get(url)[0].content == BYTES)


def test_ffmpeg_seeks_with_a_token_and_with_a_playback_url(house: House, clip: bytes, tmp_path: Path) -> None:
    url, _ = film(house, clip)
    (tmp_path / "clip.mp4").write_bytes(clip)
    expected = frame("-ss", "7", "-i", str(tmp_path / "clip.mp4"))
    headers = f"Authorization: {house.client.headers['authorization']}\r\n"
    assert frame("-headers", headers, "-ss", "7", "-i", str(house.client.base_url.join(url))) == expected
    signed = house.client.post(f"{url}/start").json()["playback_url"]
    assert frame("-ss", "7", "-i", str(house.client.base_url.join(signed))) == expected


def frame(*source: str) -> bytes:
    """Return a video frame as bytes."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *source, "-frames:v", "1"]
    command += ["-f", "rawvideo", "-pix_fmt", "gray", "-"]
    data = subprocess.run(command, check=True, capture_output=True).stdout
    assert data
    return data


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on the PATH")
def test_curl_resumes_an_interrupted_download(house: House, tmp_path: Path) -> None:
    url, _ = film(house)
    part = tmp_path / "part"
    part.write_bytes(BYTES[:300])
    authorization = f"Authorization: {house.client.headers['authorization']}"
    command = ["curl", "-sf", "-H", authorization, "-C", "-", "-o", str(part)]
    subprocess.run([*command, str(house.client.base_url.join(url))], check=True)
    assert part.read_bytes() == BYTES


@pytest.mark.parametrize("name", ["x", "%00", "..%2f..%2fetc%2fpasswd", "a/b", "9" * 3000, "%ff", "0" * 32])
def test_an_invalid_id_returns_a_readable_error(house: House, name: str) -> None:
    for way in (house.client, house.direct):
        response = way.get(f"/api/stream/{name}")
        assert response.status_code in (400, 404)
        assert response.json()["error"]["message"]


def test_url_signatures_are_not_logged(house: House, tmp_path: Path) -> None:
    down = httpx.URL(f"http://127.0.0.1:{unused_port()}")
    for app in (house.direct.base_url, down):
        with behind_nginx(app, roots=(house.shelf.archive,), logs=tmp_path) as front:
            httpx.get(front.join("/api/stream/x?playback=a-secret"), verify=certificates())
            httpx.get(front.join("/api/%zz?playback=a-secret"), verify=certificates())
    logged = b"".join(path.read_bytes() for path in tmp_path.glob("*.log"))
    assert logged.count(b'"GET /api/stream/x"') == 2
    assert b"a-secret" not in logged

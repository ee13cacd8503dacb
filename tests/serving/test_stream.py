"""Bytes over a real server: faults of files and of clients.

For the cases of RFC 9110, see `test_range_suite`.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import socket
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

import httpx
import imageio_ffmpeg
import pytest

from serving.stream.responses.transfer import PIECE
from tests.serving.conftest import Shelf, eventually
from tests.serving.shared_streams import anonymous, database_url, settings, shelf, site, site_settings

__all__ = ["anonymous", "database_url", "settings", "shelf", "site", "site_settings"]

BYTES = bytes(range(256)) * 4
OLD = 784_111_777
TAG = f'"{OLD:x}-{len(BYTES):x}"'


@pytest.fixture
def url(shelf: Shelf) -> str:
    """Return the URL of a title whose file has 1,024 known bytes and a known date."""
    content_id = shelf.add(content=BYTES)
    os.utime(shelf.path_of(content_id), (OLD, OLD))
    return f"/api/stream/{content_id}"


def code(response: httpx.Response) -> str:
    error = response.json()["error"]
    assert set(error) == {"code", "message", "details"}
    assert error["message"]
    return str(error["code"])


def test_a_connection_is_reusable_after_every_kind_of_response(client: httpx.Client, url: str) -> None:
    """On one keep-alive connection, a response of a wrong length would shift all that follow."""
    host, port = client.base_url.host, client.base_url.port or 0
    requests = [
        ("GET", "Range: bytes=0-9", 206),
        ("HEAD", "Range: bytes=0-9", 200),
        ("GET", f"If-None-Match: {TAG}", 304),
        ("HEAD", "If-Match: nothing", 412),
        ("GET", "Range: bytes=5000-", 416),
        ("GET", "Range: bytes=0-0,5-5", 206),
        ("GET", "Accept: */*", 200),
    ]
    wire = "".join(
        f"{method} {url} HTTP/1.1\r\nHost: {host}\r\n{_bearer(client)}{line}\r\n\r\n"
        for method, line, _ in requests
    )
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(
            wire.encode() + f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
        )
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    statuses = [int(status) for status in re.findall(rb"HTTP/1\.1 ([0-9]{3})", received)]
    assert statuses == [status for _, _, status in requests] + [200]


def test_a_large_file_is_sent_completely(client: httpx.Client, shelf: Shelf) -> None:
    data = os.urandom(3 * PIECE + 7)
    url = f"/api/stream/{shelf.add(content=data)}"
    assert client.get(url).content == data
    first, last = PIECE - 1, 2 * PIECE
    response = client.get(url, headers={"range": f"bytes={first}-{last}"})
    assert response.content == data[first : last + 1]


def _leave_memory(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def test_cached_and_uncached_bytes_are_sent(
    client: httpx.Client, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = os.urandom(3 * PIECE)
    content_id = shelf.add(content=data)
    url = f"/api/stream/{content_id}"
    assert client.get(url).content == data
    _leave_memory(shelf.path_of(content_id))
    assert client.get(url).content == data

    def refuse(*_: object) -> int:
        raise OSError(errno.EOPNOTSUPP, "as on a network's file system")

    monkeypatch.setattr(os, "preadv", refuse)
    assert client.get(url).content == data


def test_the_media_type_follows_the_container(client: httpx.Client, shelf: Shelf) -> None:
    expected = {
        "webm": "video/webm",
        "mov": "video/quicktime",
        "mxf": "application/mxf",
        None: "application/octet-stream",
    }
    for container, media_type in expected.items():
        content_id = shelf.add(file={"container": container})
        assert client.head(f"/api/stream/{content_id}").headers["content-type"] == media_type


def test_file_names_may_contain_any_bytes(client: httpx.Client, shelf: Shelf) -> None:
    for name in (
        b"a\nb\"'%41;.mp4",
        "네그라누 🂡.mp4".encode(),
        b"\xff\xfe.mp4",
        b"d/" + b"n" * 251 + b".mp4",
    ):
        content_id = shelf.add(content=name, name=name)
        assert client.get(f"/api/stream/{content_id}").content == name


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_invalid_id_is_not_found(client: httpx.Client, method: str) -> None:
    odd = ["x", "%00", "..%2f..%2fetc%2fpasswd", "a/b", "9" * 3000, "%7B" + "0" * 32 + "%7D", "0" * 32]
    for name in [*odd, str(uuid.uuid4())]:
        for path in (f"/api/stream/{name}", f"/api/contents/{name}", f"/api/contents/{name}/poster.jpg"):
            response = client.request(method, path)
            assert response.status_code == 404, path
            if method == "GET":
                assert code(response) in ("CONTENT_NOT_FOUND", "NOT_FOUND")


def test_a_title_being_prepared_returns_the_reasons(client: httpx.Client, shelf: Shelf) -> None:
    reasons = ["video_codec:prores"]
    content_id = shelf.add(
        status="preparing", file={"playability": "transcode", "playability_reasons": reasons}
    )
    response = client.get(f"/api/stream/{content_id}")
    assert (response.status_code, code(response)) == (409, "STREAM_NOT_PLAYABLE")
    details = {"status": "preparing", "playability": "transcode", "reasons": reasons}
    assert response.json()["error"]["details"] == details


def test_a_hidden_title_is_not_found(client: httpx.Client, shelf: Shelf) -> None:
    response = client.get(f"/api/stream/{shelf.add(is_visible=False)}")
    assert (response.status_code, code(response)) == (404, "CONTENT_NOT_FOUND")


def _delete(path: Path) -> None:
    path.unlink()


def _become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _become_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _become_a_link(path: Path) -> None:
    path.rename(path.with_suffix(".bak"))
    path.symlink_to(path.with_suffix(".bak"))


def _move_behind_a_linked_folder(path: Path) -> None:
    outside = path.parents[2] / "outside"
    path.parent.rename(outside)
    path.parent.symlink_to(outside)


def test_paths_that_are_not_files_are_missing(client: httpx.Client, shelf: Shelf) -> None:
    for change in (_delete, _become_a_folder, _become_a_pipe, _become_a_link, _move_behind_a_linked_folder):
        content_id = shelf.add(name=f"{change.__name__}/film.mp4".encode())
        change(shelf.path_of(content_id))
        response = client.get(f"/api/stream/{content_id}")
        assert (response.status_code, code(response)) == (404, "STREAM_FILE_MISSING"), change


def test_a_path_that_leaves_the_root_is_missing(client: httpx.Client, shelf: Shelf) -> None:
    content_id = shelf.add(name=b"../secret.mp4")
    assert (shelf.archive.parent / "secret.mp4").exists()
    response = client.get(f"/api/stream/{content_id}")
    assert (response.status_code, code(response)) == (404, "STREAM_FILE_MISSING")


def open_files(path: Path) -> int:
    """Return the number of descriptors of this process for the file."""
    held = 0
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            held += os.readlink(f"/proc/self/fd/{descriptor}").startswith(str(path))
        except FileNotFoundError:
            continue
    return held


def _bearer(client: httpx.Client) -> str:
    return f"Authorization: {client.headers['authorization']}\r\n"


def stalled(client: httpx.Client, url: str) -> socket.socket:
    """Open a client that requests the file and reads only as much as the smallest buffer holds."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(10)
    connection.connect((client.base_url.host, client.base_url.port))
    connection.sendall(f"GET {url} HTTP/1.1\r\nHost: x\r\n{_bearer(client)}\r\n".encode())
    assert connection.recv(64).startswith(b"HTTP/1.1 200")
    return connection


def test_stalled_clients_delay_no_others_and_leak_nothing(
    client: httpx.Client, shelf: Shelf, url: str
) -> None:
    content_id = shelf.add(content=bytes(32 * PIECE))
    path = shelf.path_of(content_id)
    readers = [stalled(client, f"/api/stream/{content_id}") for _ in range(64)]
    assert open_files(path) == 64
    assert client.get(url).content == BYTES
    assert client.get("/api/contents").json()["total"] == 2, "no database session is held while bytes stream"
    for reader in readers:
        reader.close()
    eventually(lambda: open_files(path) == 0)


def test_descriptors_are_closed_after_every_kind_of_response(
    client: httpx.Client, shelf: Shelf, url: str
) -> None:
    path = shelf.path_of(uuid.UUID(url.rpartition("/")[2]))
    for headers in (
        {},
        {"range": "bytes=0-1,5-6"},
        {"range": "bytes=9999-"},
        {"if-match": "x"},
        {"if-none-match": "*"},
    ):
        client.get(url, headers=headers)
        client.head(url, headers=headers)
    eventually(lambda: open_files(path) == 0)


@pytest.mark.parametrize(
    "change", [lambda path: os.truncate(path, PIECE), lambda path: path.write_bytes(b"other")]
)
def test_a_changed_file_ends_only_its_own_stream(
    client: httpx.Client,
    shelf: Shelf,
    url: str,
    change: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    content_id = shelf.add(content=bytes(64 * PIECE), name=b"film.mp4")
    with stalled(client, f"/api/stream/{content_id}") as reader:
        change(shelf.path_of(content_id))
        received = sum(map(len, iter(lambda: reader.recv(1 << 20), b"")))
    assert received < 64 * PIECE, "the connection is closed before the promised length"
    assert any(
        "'film.mp4' changed" in record.message
        for record in caplog.records
        if record.levelno == logging.WARNING
    )
    assert client.get(url).content == BYTES


def test_a_deleted_file_continues_for_current_viewers(client: httpx.Client, shelf: Shelf) -> None:
    data = os.urandom(16 * PIECE)
    content_id = shelf.add(content=data)
    with client.stream("GET", f"/api/stream/{content_id}") as response:
        pieces = response.iter_bytes(PIECE)
        received = next(pieces)
        shelf.path_of(content_id).unlink()
        assert received + b"".join(pieces) == data


def test_ffmpeg_seeks(client: httpx.Client, shelf: Shelf, clip: bytes) -> None:
    url = str(client.base_url.join(f"/api/stream/{shelf.add(content=clip)}"))
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-v",
        "error",
        "-headers",
        _bearer(client),
        "-ss",
        "7",
        "-i",
        url,
    ]
    command += ["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    frame = subprocess.run(command, check=True, capture_output=True).stdout
    local = shelf.archive / "clip.mp4"
    local.write_bytes(clip)
    expected = subprocess.run(
        [*command[:3], *command[5:7], "-i", str(local), *command[9:]], check=True, capture_output=True
    ).stdout
    assert len(frame) == 320 * 180
    assert frame == expected

"""Requests of a seeking player behind nginx: many redirects are repeated without a new check, none of them
wrongly.
"""

from __future__ import annotations

import os
from typing import Any

import httpx
import pytest

from orchestration.settings import Settings
from serving.stream.responses import files
from serving.stream.responses.nginx import MOST
from serving.stream.sessions import redirects
from tests.serving.conftest import Shelf, sign_in
from tests.serving.shared_streams import anonymous, database_url, settings, shelf, site
from tests.serving.test_stream import code

__all__ = ["anonymous", "database_url", "settings", "shelf", "site"]

OFFER = {"x-sendfile-type": "X-Accel-Redirect"}


@pytest.fixture(scope="module")
def site_settings() -> dict[str, Any]:
    return {"accel": True}


@pytest.fixture
def url(client: httpx.Client, shelf: Shelf) -> str:
    """Return the playback URL of a title of 4 MiB, after one range has been requested."""
    film = shelf.add(content=bytes(2 * MOST))
    os.utime(shelf.path_of(film), (784_111_777, 784_111_777))
    answer = client.post(f"/api/stream/{film}/start").json()
    path = str(answer["playback_url"])
    assert left(client.get(path, headers=OFFER | {"range": "bytes=0-0"}))
    return path


def left(response: httpx.Response) -> bool:
    """Return whether the request is redirected to nginx."""
    return "x-accel-redirect" in response.headers


def test_another_range_is_redirected_alike(client: httpx.Client, admin: httpx.Client, url: str) -> None:
    before = counted(admin)
    answers = [client.get(url, headers=OFFER | {"range": f"bytes={first}-"}) for first in (MOST, MOST + 7)]
    assert [answer.status_code for answer in answers] == [206, 206]
    first, second = ({**answer.headers, "date": ""} for answer in answers)
    assert first == second
    assert first["content-length"] == "0"
    assert {"content-security-policy", "cache-control", "content-type", "x-accel-redirect"} <= first.keys()
    sent, ranges = (now - then for now, then in zip(counted(admin), before, strict=True))
    assert (sent, ranges) == (MOST + MOST - 7, 2)


def counted(admin: httpx.Client) -> tuple[float, float]:
    """Return how many bytes were sent, and how many ranges of titles."""
    lines = dict(line.rsplit(" ", 1) for line in admin.get("/metrics").text.splitlines() if line[0] != "#")
    names = (
        'bytes_sent_total{tier="nas"}',
        'answers_total{method="GET",route="/api/stream/{content_id}",status="206"}',
    )
    sent, ranges = (float(lines[name]) for name in names)
    return sent, ranges


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"range": "bytes=99999999-"}, 416),
        ({"range": "bytes=0-"}, 206),
        ({"range": "bytes=0-1,5-6"}, 206),
        ({"range": "bytes=5-4"}, 200),
        ({"range": "bytes=0-1", "if-range": '"other"'}, 200),
        ({"range": "bytes=0-1", "if-match": '"other"'}, 412),
        ({"range": "bytes=0-1", "if-none-match": "*"}, 304),
        ({}, 200),
    ],
)
def test_different_requests_are_not_repeated(
    client: httpx.Client, url: str, headers: dict[str, str], status: int
) -> None:
    response = client.get(url, headers=OFFER | headers)
    assert (response.status_code, left(response)) == (status, False)


def test_an_ended_session_gets_no_redirect(client: httpx.Client, shelf: Shelf, url: str) -> None:
    film = url.removeprefix("/api/stream/").partition("?")[0]
    other = client.post(f"/api/stream/{film}/start").json()
    seek = OFFER | {"range": "bytes=0-0"}
    assert left(client.get(other["playback_url"], headers=seek))
    client.post(f"/api/stream/{film}/end", json={"playback_id": other["playback_id"]}).raise_for_status()
    over = client.get(other["playback_url"], headers=seek)
    assert (over.status_code, code(over)) == (410, "PLAYBACK_ENDED")
    assert left(client.get(url, headers=seek)), "the first goes on"


def test_requests_of_other_viewers_are_not_repeated(
    client: httpx.Client, settings: Settings, url: str
) -> None:
    other = client.get(url, headers=OFFER | {"range": "bytes=0-0"} | sign_in(settings).headers)
    assert (other.status_code, left(other)) == (403, False)


def test_without_the_offer_bytes_are_sent(client: httpx.Client, url: str) -> None:
    response = client.get(url, headers={"range": "bytes=0-9"})
    assert (response.content, left(response)) == (bytes(10), False)


def test_files_are_checked_again_after_two_seconds(
    client: httpx.Client, shelf: Shelf, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in shelf.archive.iterdir():
        path.unlink()
    assert left(client.get(url, headers=OFFER | {"range": "bytes=0-9"})), "nginx will look"
    monkeypatch.setattr(redirects, "SNAPSHOT_SECONDS", 0.0)
    monkeypatch.setattr(files, "SNAPSHOT_SECONDS", 0.0)
    gone = client.get(url, headers=OFFER | {"range": "bytes=0-9"})
    assert (gone.status_code, code(gone)) == (404, "STREAM_FILE_MISSING")

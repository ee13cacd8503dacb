"""Titles in buckets: the same bytes, and faults of S3 neither mix bytes nor delay other titles."""

from __future__ import annotations

import json
import uuid

import httpx
import pytest
from sqlalchemy.orm import Session

from catalog_models.tables import Content, MediaFile, Root
from orchestration.storage.bucket import open_object
from serving.stream.responses import roots
from tests.buckets import ACCESS_DENIED, EXPIRED, S3, SLOW_DOWN, Refusal
from tests.serving.conftest import Shelf, eventually
from tests.serving.shared_streams import anonymous, database_url, settings, shelf, site, site_settings
from tests.serving.test_stream import code

__all__ = ["anonymous", "database_url", "settings", "shelf", "site", "site_settings"]

# Three megabytes.
BODY = bytes(range(256)) * 12_000


@pytest.fixture
def film(s3: S3, shelf: Shelf) -> uuid.UUID:
    """Add a title in a bucket."""
    s3.put("old/film é.mp4", BODY)
    name = f"{s3.location}/old"
    opened = open_object(f"{name}/film é.mp4".encode())
    content = shelf.add("In a bucket", content=None)
    with Session(shelf.engine) as session, session.begin():
        root = Root(path=name.encode(), path_text=name)
        session.add(root)
        session.flush()
        file = MediaFile(
            root_id=root.id,
            path="film é.mp4".encode(),
            path_text="film é.mp4",
            content_id=content,
            size=opened.size,
        )
        file.mtime_ns, file.container, file.playability, file.playability_reasons = (
            opened.mtime_ns,
            "mp4",
            "direct",
            [],
        )
        session.add(file)
        session.flush()
        session.get_one(Content, content).best_file_id = file.id
    s3.weather.clear()
    return content


def test_every_range_of_an_object_is_byte_exact(client: httpx.Client, film: uuid.UUID, s3: S3) -> None:
    whole = client.get(f"/api/stream/{film}")
    assert (whole.status_code, whole.content) == (200, BODY)
    for first, last in ((0, 0), (1, 1_000), (500_000, 1_900_000), (len(BODY) - 5, len(BODY) - 1)):
        part = client.get(f"/api/stream/{film}", headers={"Range": f"bytes={first}-{last}"})
        assert (part.status_code, part.content) == (206, BODY[first : last + 1])
        assert part.headers["etag"] == whole.headers["etag"]
    s3.weather.sent = 0
    assert client.head(f"/api/stream/{film}").headers["content-length"] == str(len(BODY))
    assert s3.weather.sent == 0


def test_an_object_that_is_replaced_while_it_plays_is_not_mixed(
    client: httpx.Client, film: uuid.UUID, s3: S3
) -> None:
    got = b""
    with (
        pytest.raises(httpx.RemoteProtocolError),
        client.stream("GET", f"/api/stream/{film}") as answer,
    ):
        for piece in answer.iter_raw():
            if not got:
                s3.put("old/film é.mp4", b"?" * len(BODY))
            got += piece
    assert BODY.startswith(got)
    assert len(got) < len(BODY)


def test_interrupted_responses_are_retried_or_end_the_stream(
    client: httpx.Client, film: uuid.UUID, s3: S3
) -> None:
    s3.weather.cut = 100_000
    wanted = {"Range": "bytes=0-200000"}
    assert client.get(f"/api/stream/{film}", headers=wanted).content == BODY[:200_001]
    s3.weather.cut = 0
    answer = client.get(f"/api/stream/{film}", headers=wanted)
    assert (answer.status_code, code(answer)) == (503, "STREAM_FILE_UNREADABLE")
    assert "does not respond" in answer.json()["error"]["details"]["reason"]


def test_a_failing_bucket_is_not_called_and_others_keep_playing(
    client: httpx.Client, film: uuid.UUID, s3: S3, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roots, "REST", 1.0)
    other = shelf.add("On the NAS", content=b"a film of the NAS")
    s3.weather.fails = lambda _path: True
    for _ in range(3):
        assert code(client.get(f"/api/stream/{film}")) == "STREAM_FILE_UNREADABLE"
    s3.weather.asked.clear()
    assert code(client.get(f"/api/stream/{film}")) == "STREAM_FILE_UNREADABLE"
    assert s3.weather.asked == [], "it is not asked again at once"
    assert client.get(f"/api/stream/{other}").content == b"a film of the NAS"
    assert client.get("/api/health").json()["blocks"]["stream"] != "healthy"
    s3.weather.clear()
    eventually(lambda: client.get(f"/api/stream/{film}").status_code == 200)


def test_a_slow_bucket_delays_no_others(client: httpx.Client, film: uuid.UUID, s3: S3, shelf: Shelf) -> None:
    other = shelf.add("On the NAS", content=b"a film of the NAS")
    s3.weather.delay = lambda _path: 0.3
    with client.stream("GET", f"/api/stream/{film}") as answer:
        pieces = answer.iter_raw()
        got = next(pieces)
        assert client.get(f"/api/stream/{other}").content == b"a film of the NAS"
        assert got + b"".join(pieces) == BODY


def test_a_deleted_object_is_missing(client: httpx.Client, film: uuid.UUID, s3: S3) -> None:
    s3.client.delete_object(Bucket=s3.bucket, Key="old/film é.mp4")
    answer = client.get(f"/api/stream/{film}")
    assert (answer.status_code, code(answer)) == (404, "STREAM_FILE_MISSING")


@pytest.mark.parametrize("refusal", [SLOW_DOWN, EXPIRED, ACCESS_DENIED])
def test_the_dashboard_names_a_bucket_that_cannot_be_read(
    client: httpx.Client,
    admin: httpx.Client,
    film: uuid.UUID,
    s3: S3,
    refusal: Refusal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The bucket is reported before one of its titles is played, even if it can still be listed.

    `/api/health`, which needs no sign-in, does not name it.
    """
    monkeypatch.setattr(roots, "EVERY", 0.0)
    monkeypatch.setattr(roots, "AGAIN", 0.0)
    name = f"{s3.location}/old"

    def states() -> tuple[str | None, str]:
        health = client.get("/api/health").json()
        assert name not in json.dumps(health)
        return health["dependencies"].get("archive"), health["status"]

    eventually(lambda: states() == (None, "healthy"))
    s3.weather.refuses = lambda path: refusal if path.endswith(".mp4") else None
    eventually(lambda: states() == ("disconnected", "degraded"))
    assert admin.get("/api/admin/dashboard").json()["archive"]["roots_down"] == [name]
    s3.weather.clear()
    eventually(lambda: states() == (None, "healthy"))

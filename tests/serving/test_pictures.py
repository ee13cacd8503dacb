"""Pictures with a version: their fields in lists, their addresses, and how long browsers keep them."""

from __future__ import annotations

import asyncio
import base64
import os
import time
import uuid
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from catalog_models.engine import make_async_engine
from catalog_models.tables import Series
from serving.content.queries import find_picture
from serving.flat_catalog.series import list_series
from serving.flat_catalog.series_schemas import SeriesQuery
from tests.serving.conftest import Shelf

pytestmark = pytest.mark.shared_servers

HASH = bytes(range(25))
FOREVER, FOR_A_WHILE = "private, max-age=31536000, immutable", "private, max-age=300"
INDEX = b"WEBVTT\n\n00:00:00.000 --> 00:00:10.000\nstoryboard/1.webp?v=abc#xywh=0,0,320,180\n"


def add_pictures(shelf: Shelf, content_id: uuid.UUID, v: str = "abc") -> None:
    """Add all pictures of a title, with their names as content."""
    name = f"ab/{content_id}"
    folder = shelf.home / "thumbnails/ab"
    folder.mkdir(parents=True, exist_ok=True)
    for ending in ("poster-320.webp", "poster-640.webp", "storyboard-2.webp"):
        (folder / f"{content_id}.{ending}").write_text(ending)
    shelf.add_picture(
        content_id,
        "poster",
        f"{name}.poster.jpg",
        b"jpeg",
        version=v,
        widths=[320, 640],
        width=640,
        height=272,
        thumbhash=HASH,
    )
    shelf.add_picture(content_id, "preview", f"{name}.preview.webp", b"preview", version=v, parts=8)
    shelf.add_picture(content_id, "storyboard", f"{name}.storyboard-1.webp", b"sheet 1", version=v, parts=2)
    shelf.add_picture(content_id, "storyboard_index", f"{name}.storyboard.vtt", INDEX, version=v)


POSTER = {
    "v": "abc",
    "widths": [320, 640],
    "width": 640,
    "height": 272,
    "thumbhash": base64.b64encode(HASH).decode(),
    "preview_frames": 8,
}


def test_lists_titles_and_searches_describe_the_poster(client: httpx.Client, shelf: Shelf) -> None:
    common: dict[str, Any] = {"event_type": "main_event", "content_type": "stream", "year": 2031}
    first, second = shelf.add("Main Event – Day 1", day="1", **common), shelf.add("Day 2", day="2", **common)
    add_pictures(shelf, first)
    listed = {one["id"]: one for one in client.get("/api/contents").json()["items"]}
    assert (listed[str(first)]["poster"], listed[str(second)]["poster"]) == (POSTER, None)
    assert listed[str(first)]["urls"]["poster"] == f"/api/contents/{first}/poster.jpg"
    assert client.get(f"/api/contents/{first}").json()["poster"] == POSTER
    assert client.get(f"/api/contents/{second}").json()["previous"]["poster"] == POSTER
    (hit,) = client.get("/api/search", params={"q": "main day 1"}).json()["items"]
    assert hit["poster"] == POSTER
    rows = client.get("/api/home").json()["rows"]
    shown = [title["poster"] for row in rows for title in row["items"] if title["id"] == str(first)]
    assert shown
    assert all(poster == POSTER for poster in shown)


def test_a_series_has_a_cover(client: httpx.Client, shelf: Shelf) -> None:
    content_id = shelf.add("WSOP 2031", thumbnail_path="p.jpg", series_id=_series(shelf.engine, "WSOP 2031"))
    shelf.add("WSOP 2030", series_id=_series(shelf.engine, "WSOP 2030"))
    add_pictures(shelf, content_id)
    first, second = client.get("/api/series?sort=-title").json()["items"]
    assert (first["cover"], second["cover"]) == (POSTER | {"content_id": str(content_id)}, None)
    assert client.get(f"/api/series/{first['id']}").json()["cover"] == first["cover"]


def _series(engine: Engine, title: str) -> uuid.UUID:
    with Session(engine) as session:
        series = Series(title=title, brand="WSOP", year=2031)
        session.add(series)
        session.commit()
        return series.id


def test_covers_and_pictures_cost_no_further_queries(database_url: str, shelf: Shelf) -> None:
    for number in range(5):
        series = _series(shelf.engine, f"WSOP {2030 + number}")
        add_pictures(shelf, content_id := shelf.add(thumbnail_path="p.jpg", series_id=series))
    sent: list[str] = []

    async def read() -> list[int]:
        engine, counts = make_async_engine(database_url), []
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *call: sent.append(call[2]))
        async with AsyncSession(engine) as session:
            assert len((await list_series(session, SeriesQuery())).items) == 5
            counts.append(len(sent))
            assert await find_picture(session, content_id, "poster")
            counts.append(len(sent) - sum(counts))
        await engine.dispose()
        return counts

    assert asyncio.run(read()) == [2, 1]


CASES = [
    ("poster/320.webp", b"poster-320.webp", "image/webp"),
    ("poster/640.webp", b"poster-640.webp", "image/webp"),
    ("poster.jpg", b"jpeg", "image/jpeg"),
    ("preview.webp", b"preview", "image/webp"),
    ("storyboard/1.webp", b"sheet 1", "image/webp"),
    ("storyboard/2.webp", b"storyboard-2.webp", "image/webp"),
    ("storyboard.jpg", b"sheet 1", "image/webp"),
    ("storyboard.vtt", INDEX, "text/vtt; charset=utf-8"),
]


@pytest.mark.parametrize(("name", "content", "media_type"), CASES)
def test_only_the_address_with_the_current_version_is_immutable(
    client: httpx.Client, shelf: Shelf, name: str, content: bytes, media_type: str
) -> None:
    content_id = shelf.add()
    url = f"/api/contents/{content_id}/{name}"
    missing = client.get(url)
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "PICTURE_NOT_MADE")
    add_pictures(shelf, content_id)
    for query, caching in (
        ("?v=abc", FOREVER),
        ("", FOR_A_WHILE),
        ("?v=abd", FOR_A_WHILE),
        ("?v=", FOR_A_WHILE),
    ):
        response = client.get(url + query)
        assert (response.status_code, response.content) == (200, content)
        assert (response.headers["content-type"], response.headers["cache-control"]) == (media_type, caching)
    etag = client.get(url).headers["etag"]
    same = client.get(f"{url}?v=abc", headers={"if-none-match": etag})
    assert (same.status_code, same.content, same.headers["cache-control"]) == (304, b"", FOREVER)
    head = client.head(f"{url}?v=abc")
    assert (head.status_code, head.content, head.headers["cache-control"]) == (200, b"", FOREVER)
    assert head.headers["content-length"] == str(len(content))
    assert client.get(f"{url}?v={'a' * 65}").status_code == 422


def test_a_file_of_the_next_version_is_not_kept_under_the_current_one(
    client: httpx.Client, shelf: Shelf
) -> None:
    """Files are replaced before their rows are stored."""
    content_id = shelf.add()
    add_pictures(shelf, content_id)
    file = shelf.home / f"thumbnails/ab/{content_id}.poster-640.webp"
    file.write_bytes(b"next")
    later = time.time() + 5
    os.utime(file, (later, later))
    response = client.get(f"/api/contents/{content_id}/poster/640.webp?v=abc")
    assert (response.content, response.headers["cache-control"]) == (b"next", FOR_A_WHILE)


@pytest.mark.parametrize("name", ["poster/1280.webp", "poster/0320.webp", "poster/x.webp", "poster/-1.webp"])
def test_a_width_that_does_not_exist_is_not_found_and_the_others_are_listed(
    client: httpx.Client, shelf: Shelf, name: str
) -> None:
    content_id = shelf.add()
    add_pictures(shelf, content_id)
    error = client.get(f"/api/contents/{content_id}/{name}").json()["error"]
    assert (error["code"], error["details"]) == ("PICTURE_NOT_FOUND", {"existing": [320, 640]})


@pytest.mark.parametrize("number", ["0", "3", "01", "٢"])
def test_a_sheet_that_does_not_exist_is_not_found(client: httpx.Client, shelf: Shelf, number: str) -> None:
    content_id = shelf.add()
    add_pictures(shelf, content_id)
    response = client.get(f"/api/contents/{content_id}/storyboard/{number}.webp")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "PICTURE_NOT_FOUND")


def test_pictures_of_an_older_version_stay_at_their_addresses(client: httpx.Client, shelf: Shelf) -> None:
    content_id = shelf.add()
    shelf.add_picture(content_id, "poster", "ab/x.poster.jpg", b"jpeg")
    shelf.add_picture(content_id, "storyboard", "ab/x.storyboard.jpg", b"sprite")
    own = f"/api/contents/{content_id}"
    assert client.get(own).json()["poster"] is None
    assert client.get(f"{own}/poster.jpg").content == b"jpeg"
    sprite = client.get(f"{own}/storyboard.jpg")
    assert (sprite.content, sprite.headers["content-type"]) == (b"sprite", "image/jpeg")
    for name in ("poster/320.webp", "preview.webp", "storyboard/1.webp"):
        assert client.get(f"{own}/{name}").json()["error"]["code"] == "PICTURE_NOT_MADE", name


def test_pictures_need_a_sign_in_and_a_visible_title(
    client: httpx.Client, anonymous: httpx.Client, shelf: Shelf
) -> None:
    content_id, hidden = shelf.add(), shelf.add(is_visible=False)
    add_pictures(shelf, content_id)
    add_pictures(shelf, hidden)
    for name, _, _ in CASES:
        assert anonymous.get(f"/api/contents/{content_id}/{name}?v=abc").status_code == 401
        error = client.get(f"/api/contents/{hidden}/{name}").json()["error"]
        assert error["code"] == "CONTENT_NOT_FOUND"

"""Lists of titles, single titles and their pictures."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import uuid

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.engine import make_async_engine
from orchestration.contracts import Viewer
from serving.content.queries import read_title
from serving.flat_catalog.queries import list_titles
from serving.flat_catalog.schemas import TitlesQuery
from tests.serving.conftest import Shelf

pytestmark = pytest.mark.shared_servers


def titles(client: httpx.Client, **search: str | int) -> list[str]:
    response = client.get("/api/contents", params=search)
    assert response.status_code == 200, response.text
    return [item["title"] for item in response.json()["items"]]


def test_a_page_contains_its_total_and_position(client: httpx.Client, shelf: Shelf) -> None:
    for number in range(5):
        shelf.add(f"Title {number}", content=None)
    page = client.get("/api/contents?sort=title&limit=2&offset=3").json()
    assert (page["total"], page["limit"], page["offset"]) == (5, 2, 3)
    assert [item["title"] for item in page["items"]] == ["Title 3", "Title 4"]
    assert titles(client, offset=5) == []


def test_titles_that_play_are_listed_by_default(client: httpx.Client, shelf: Shelf) -> None:
    reasons = ["video_codec:prores"]
    shelf.add("ready")
    shelf.add(
        "preparing", status="preparing", file={"playability": "transcode", "playability_reasons": reasons}
    )
    shelf.add("gone", status="gone", content=None)
    shelf.add("hidden", is_visible=False)
    assert titles(client) == titles(client, playable="true") == ["ready"]
    assert titles(client, playable="false") == ["preparing"]
    assert titles(client, playable="all", sort="title") == ["preparing", "ready"]
    item = client.get("/api/contents?playable=false").json()["items"][0]
    assert (item["playability"], item["reasons"]) == ("transcode", reasons)
    assert item["urls"]["stream"] is None


def test_titles_without_the_sort_field_come_last(client: httpx.Client, shelf: Shelf) -> None:
    shelf.add("b", year=1999, duration_seconds=5.0)
    shelf.add("a", year=2024, duration_seconds=None)
    shelf.add("c", year=None, duration_seconds=9.0)
    expected = {
        "title": "abc",
        "-title": "cba",
        "year": "bac",
        "-year": "abc",
        "duration": "bca",
        "-duration": "cba",
        "added": "bac",
        "-added": "cab",
    }
    assert {sort: "".join(titles(client, sort=sort)) for sort in expected} == expected
    assert titles(client) == ["a", "b", "c"], "newest event first"


def test_pages_are_complete_where_titles_lack_the_sort_field(client: httpx.Client, shelf: Shelf) -> None:
    for number, title in enumerate("hgfedcba"):
        has = number if number % 2 else None
        date = dt.date(2020, 1, 1 + has) if has else None
        shelf.add(title, content=None, year=has, duration_seconds=has, date=date)
    lacking = {f"{sign}{name}" for sign in ("", "-") for name in ("year", "date", "duration")}
    expected = {"title": "abcdefgh", "-title": "hgfedcba"}
    expected |= {sort: "acegbdfh" if sort.startswith("-") else "gecabdfh" for sort in lacking}
    for limit in (1, 3, 8):
        pages = {
            sort: "".join(
                title
                for offset in range(0, 10, limit)
                for title in titles(client, sort=sort, limit=limit, offset=offset)
            )
            for sort in expected
        }
        assert pages == expected


def test_filters_select_titles(client: httpx.Client, shelf: Shelf) -> None:
    shelf.add("Main", brand="WSOP", region="europe", year=2024, event_type="main_event", game="NLHE")
    shelf.add(
        "100% PLO_8",
        brand="WSOP",
        region="las_vegas",
        year=2019,
        event_type="bracelet",
        game="PLO8",
        quality="4k",
    )
    assert titles(client, brand="WSOP", sort="title") == ["100% PLO_8", "Main"]
    for search in (
        {"region": "europe"},
        {"year": 2024},
        {"event_type": "main_event"},
        {"game": "NLHE"},
        {"title": "mAI"},
    ):
        assert titles(client, **search) == ["Main"], search
    for search in ({"quality": "4k"}, {"title": "0%"}, {"title": "o_8"}):
        assert titles(client, **search) == ["100% PLO_8"], search
    assert titles(client, title="%") == ["100% PLO_8"], "a sign of LIKE is a sign like any other"
    assert titles(client, brand="wsop'; drop table contents; --") == []


def test_invalid_parameters_are_named(client: httpx.Client) -> None:
    odd = ["limit=201", "limit=-1", "offset=-1", "offset=1e9", "sort=id", "playable=maybe", "year=x"]
    for search in [*odd, "brand=%00", "series_id=7", f"year={'9' * 40}"]:
        response = client.get(f"/api/contents?{search}")
        assert response.status_code == 422, search
        error = response.json()["error"]
        name = search.partition("=")[0]
        assert error["code"] == "REQUEST_INVALID"
        assert name in error["message"]
        assert [problem["where"] for problem in error["details"]["problems"]] == [f"query.{name}"]


PICTURES = [
    ("poster", "poster.jpg", "image/jpeg"),
    ("storyboard", "storyboard.jpg", "image/jpeg"),
    ("storyboard_index", "storyboard.vtt", "text/vtt; charset=utf-8"),
]


def test_pictures_have_validators(client: httpx.Client, shelf: Shelf) -> None:
    content_id = shelf.add()
    for kind, name, media_type in PICTURES:
        url = f"/api/contents/{content_id}/{name}"
        missing = client.get(url)
        assert (missing.status_code, missing.json()["error"]["code"]) == (404, "PICTURE_NOT_MADE")
        path = shelf.add_picture(content_id, kind, f"ab/{name}", kind.encode())
        response = client.get(url)
        assert (response.content, response.headers["content-type"]) == (kind.encode(), media_type)
        assert "max-age" in response.headers["cache-control"]
        head = client.head(url)
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", response.headers["etag"])
        for condition in (
            {"if-none-match": response.headers["etag"]},
            {"if-modified-since": response.headers["last-modified"]},
        ):
            again = client.get(url, headers=condition)
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == response.headers["etag"]
        os.utime(path, (1, 1))
        assert client.get(url, headers={"if-none-match": response.headers["etag"]}).status_code == 200
        assert client.get(url, headers={"if-match": response.headers["etag"]}).status_code == 412
        path.unlink()
        assert client.get(url).json()["error"]["code"] == "PICTURE_NOT_MADE"
    listed = client.get("/api/contents").json()["items"][0]["urls"]
    assert [listed[kind] for kind, _, _ in PICTURES] == [
        f"/api/contents/{content_id}/{name}" for _, name, _ in PICTURES
    ]


def test_hidden_titles_have_no_pages_or_pictures(client: httpx.Client, shelf: Shelf) -> None:
    content_id = shelf.add(is_visible=False)
    shelf.add_picture(content_id, "poster", "p.jpg", b"x")
    for path in (f"/api/contents/{content_id}", f"/api/contents/{content_id}/poster.jpg"):
        assert client.get(path).json()["error"]["code"] == "CONTENT_NOT_FOUND"


def test_titles_are_filtered_by_player(client: httpx.Client, shelf: Shelf) -> None:
    shelf.add("Duel", players=["Ann Carver", "Bo Lindqvist"])
    shelf.add("Other", players=["Carla Ann", "Zoé O'Brien-Ødegård"])
    shelf.add("Carver without a table", players=None)
    both = ["Duel", "Other"]
    for name, expected in {
        "carver": ["Duel"],
        "ANN CARVER": ["Duel"],
        "ann": both,
        "zoe": ["Other"],
        "Ze\u0301": [],
        "Zoe\u0301 obrien": ["Other"],
        "Odegard": ["Other"],
        "Cárver": ["Duel"],
        "ann lindqvist": [],
        "carver ann": [],
        "arver": [],
        "%": [],
        "nobody": [],
    }.items():
        assert titles(client, player=name, sort="title") == expected, name
    assert client.get("/api/search", params={"q": "duel", "player": "carver"}).json()["total"] == 1
    assert client.get("/api/search", params={"q": "other", "player": "carver"}).json()["total"] == 0


def test_titles_are_filtered_by_a_range_of_years(client: httpx.Client, shelf: Shelf) -> None:
    for year in (1979, 2003, 2024, None):
        shelf.add(str(year), content=None, year=year)
    assert titles(client, year_from=2003, sort="year") == ["2003", "2024"]
    assert titles(client, year_to=2003, sort="year") == ["1979", "2003"]
    assert titles(client, year_from=1980, year_to=2010) == ["2003"]
    assert titles(client, year_from=2004, year_to=2003) == []


def test_a_list_runs_four_queries_and_a_title_six(shelf: Shelf, database_url: str) -> None:
    ids = [shelf.add(f"Title {number}") for number in range(20)]
    viewer, sent = Viewer(uuid.uuid4(), "ann", "user", uuid.uuid4()), list[str]()

    async def read(content_id: uuid.UUID) -> tuple[int, int]:
        engine = make_async_engine(database_url)
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *call: sent.append(call[2]))
        async with AsyncSession(engine) as session:
            assert len((await list_titles(session, TitlesQuery(title="title"), viewer.user_id)).items) == 20
            page = len(sent)
            await read_title(session, content_id, viewer)
        await engine.dispose()
        return page, len(sent) - page

    assert asyncio.run(read(ids[0])) == (4, 6)

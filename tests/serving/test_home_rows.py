"""Further pages of the rows of the home page, and its hero."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from catalog_models.engine import make_async_engine
from catalog_models.tables import Content, ContentView
from orchestration.settings import Settings
from serving.flat_catalog.home import page_of_row
from serving.flat_catalog.home_schemas import RowQuery
from tests.serving.conftest import Person, Shelf, sign_in
from tests.serving.test_accounts import code_of
from tests.serving.test_home import add_series, watch

pytestmark = pytest.mark.shared_servers


def page(client: httpx.Client, row_id: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/api/home/rows/{row_id}", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def titles(found: dict[str, Any]) -> list[str]:
    return [item["title"] for item in found["items"]]


def view(shelf: Shelf, content_id: uuid.UUID, times: int) -> None:
    with Session(shelf.engine) as session:
        session.add_all(ContentView(content_id=content_id) for _ in range(times))
        session.commit()


def fill(shelf: Shelf, count: int) -> uuid.UUID:
    """Add titles of one series that are in all rows without a viewer, and return the series."""
    series = add_series(shelf, "WSOP 2024", 2024)
    stream: dict[str, Any] = {"series_id": series, "event_type": "main_event", "content_type": "stream"}
    for number in range(count):
        content_id = shelf.add(f"Title {number:02}", content=None, day=str(number), year=2024, **stream)
        view(shelf, content_id, 1)
        shelf.add(f"Hand {number:02}", content=None, content_type="hand_clip", year=2023)
    shelf.add("Being prepared", content=None, status="preparing", day="99", year=2024, **stream)
    return series


def test_each_row_continues_after_its_titles_on_the_home_page(client: httpx.Client, shelf: Shelf) -> None:
    series = fill(shelf, 25)
    home = {row["id"]: row for row in client.get("/api/home").json()["rows"]}
    sizes = {"recently_added": 50, "trending": 25, "main_event": 25, "best_hands": 25, f"series:{series}": 25}
    assert home.keys() == sizes.keys()
    for row_id, size in sizes.items():
        first = page(client, row_id)
        assert (first["items"], first["title"]) == (home[row_id]["items"], home[row_id]["title"]), row_id
        assert (first["total"], first["limit"], first["offset"]) == (size, 20, 0)
        pages = [page(client, row_id, limit=7, offset=offset) for offset in range(0, size + 7, 7)]
        found = [title for one in pages for title in titles(one)]
        assert (len(found), len(set(found))) == (size, size), row_id
        assert titles(page(client, row_id, limit=0)) == []


def test_pages_fit_together_while_views_and_titles_are_added(client: httpx.Client, shelf: Shelf) -> None:
    ids = [shelf.add(f"Title {number}", content=None) for number in range(6)]
    for number, content_id in enumerate(ids):
        view(shelf, content_id, 6 - number)
    rows = {row_id: page(client, row_id, limit=3) for row_id in ("trending", "recently_added")}
    view(shelf, ids[5], 9)
    view(shelf, shelf.add("New", content=None), 9)
    for row_id, expected in (("trending", [3, 4, 5]), ("recently_added", [2, 1, 0])):
        second = page(client, row_id, limit=3, offset=3, as_of=rows[row_id]["as_of"])
        assert titles(second) == [f"Title {number}" for number in expected]
        assert (second["total"], second["as_of"]) == (6, rows[row_id]["as_of"])
        assert titles(page(client, row_id, limit=2))[0] in {"Title 5", "New"}, (
            "without it, the row is current"
        )


def test_rows_of_a_viewer_are_empty_for_others(
    anonymous: httpx.Client, shelf: Shelf, settings: Settings
) -> None:
    ann, bob = sign_in(settings), sign_in(settings)
    for number in range(3):
        watch(shelf, ann, shelf.add(f"Title {number}"), progress_seconds=60)
    url = "/api/home/rows/continue_watching?limit=2&offset=1"
    hers, his = (anonymous.get(url, headers=person.headers).json() for person in (ann, bob))
    assert (titles(hers), hers["total"]) == (["Title 1", "Title 0"], 3)
    assert (his["items"], his["total"]) == ([], 0)


def test_unknown_rows_and_invalid_pages_are_refused(client: httpx.Client, shelf: Shelf) -> None:
    empty = add_series(shelf, "WSOP 1990", 1990)
    for row_id in ("x", "series", "series:", "series:7", f"series:{uuid.uuid4()}", f"series:{empty}", "%00"):
        assert code_of(client.get(f"/api/home/rows/{row_id}")) == (404, "ROW_NOT_FOUND"), row_id
    for query in ("limit=201", "offset=-1", "as_of=yesterday", "as_of=2026-03-02T20:00:00"):
        assert code_of(client.get(f"/api/home/rows/trending?{query}")) == (422, "REQUEST_INVALID"), query
    for beyond in ("0001-01-01T00:00:00%2B01:00", "9999-12-31T23:59:59-01:00"):
        response = client.get(f"/api/home/rows/trending?as_of={beyond}")
        assert code_of(response) == (422, "REQUEST_INVALID"), beyond
    for moment in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        assert client.get(f"/api/home/rows/trending?as_of={moment}").status_code == 200, moment


def test_the_hero_is_what_the_viewer_watches_or_the_newest_main_event(
    client: httpx.Client, anonymous: httpx.Client, shelf: Shelf, settings: Settings
) -> None:
    def hero(person: Person) -> str | None:
        anonymous.headers.update(person.headers)
        shown = anonymous.get("/api/home").json()["hero"]
        return shown and str(shown["title"])

    people = iter([sign_in(settings) for _ in range(4)])
    assert hero(next(people)) is None
    begun = shelf.add("A clip")
    assert hero(next(people)) == "A clip"
    for year in (2023, 2024):
        shelf.add(f"Main Event {year}", event_type="main_event", content_type="stream", year=year)
    shelf.add("The latest")
    assert hero(next(people)) == "Main Event 2024"
    last = next(people)
    watch(shelf, last, begun, progress_seconds=60)
    assert hero(last) == "A clip"


def test_a_page_of_a_row_runs_at_most_five_queries(
    shelf: Shelf, database_url: str, settings: Settings
) -> None:
    person, series = sign_in(settings), fill(shelf, 12)
    with Session(shelf.engine) as session:
        for row in session.query(Content):
            row.created_at = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
        session.commit()
    sent: list[str] = []

    async def read(row_id: str) -> int:
        sent.clear()
        engine = make_async_engine(database_url)
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *call: sent.append(call[2]))
        async with AsyncSession(engine) as session:
            await page_of_row(session, row_id, RowQuery(limit=10), person.user_id)
        await engine.dispose()
        return len(sent)

    assert asyncio.run(read("trending")) == 4
    assert asyncio.run(read(f"series:{series}")) == 5

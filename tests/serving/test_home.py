"""The rows of the home page and the series: their contents, their queries and their cache."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from typing import Any

import httpx
import pytest
from sqlalchemy import event, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from catalog_models.engine import make_async_engine
from catalog_models.tables import Content, ContentView, Hand, Series, WatchProgress
from orchestration.events import ContentUpdated, ProgressSaved
from orchestration.redis_publisher import redis_publisher
from orchestration.settings import Settings
from serving.app import create_app
from serving.flat_catalog.home import rows_for
from tests.serving.conftest import Person, Shelf, eventually, serving, sign_in
from tests.serving.test_accounts import code_of

pytestmark = pytest.mark.shared_servers


def rows(client: httpx.Client, person: Person) -> dict[str, list[str]]:
    answer = client.get("/api/home", headers=person.headers)
    assert answer.status_code == 200
    return {row["id"]: [title["title"] for title in row["items"]] for row in answer.json()["rows"]}


def add_series(shelf: Shelf, title: str, year: int | None) -> uuid.UUID:
    with Session(shelf.engine) as session:
        row = Series(title=title, brand="WSOP", year=year)
        session.add(row)
        session.commit()
        return row.id


def watch(shelf: Shelf, person: Person, content_id: uuid.UUID, **fields: Any) -> None:
    with Session(shelf.engine) as session:
        session.merge(WatchProgress(user_id=person.user_id, content_id=content_id, **fields))
        session.commit()


def test_each_row_has_its_titles(anonymous: httpx.Client, shelf: Shelf, settings: Settings) -> None:
    ann, bob = sign_in(settings), sign_in(settings)
    assert rows(anonymous, ann) == {}
    series = add_series(shelf, "WSOP 2024", 2024)
    stream: dict[str, Any] = {"event_type": "main_event", "content_type": "stream", "series_id": series}
    third, first = (shelf.add(f"Day {day}", day=day, year=2024, **stream) for day in ("3", "1A"))
    hand = shelf.add("Hand", content_type="hand_clip", year=2020)
    shelf.add("Being prepared", status="preparing", **stream)
    watch(shelf, ann, first, progress_seconds=600)
    watch(shelf, ann, third, progress_seconds=3, completed=False)
    watch(shelf, ann, hand, progress_seconds=60, completed=True)
    with Session(shelf.engine) as session:
        session.add(Hand(content_id=third, hand_index=1, start_seconds=1, end_seconds=2, is_best=True))
        now = dt.datetime.now(dt.UTC)
        for content_id, days in ((hand, 1), (hand, 2), (first, 1), (third, 8)):
            session.add(ContentView(content_id=content_id, viewed_at=now - dt.timedelta(days=days)))
        session.commit()
    redis_publisher(settings.redis_url.get_secret_value())(ContentUpdated(first))  # type: ignore[union-attr]
    expected = {
        "continue_watching": ["Day 1A"],
        "recently_added": ["Hand", "Day 1A", "Day 3"],
        "trending": ["Hand", "Day 1A"],
        "main_event": ["Day 1A", "Day 3"],
        "best_hands": ["Day 3", "Hand"],
        f"series:{series}": ["Day 1A", "Day 3"],
    }
    eventually(lambda: rows(anonymous, ann) == expected)
    assert "continue_watching" not in rows(anonymous, bob)
    home = anonymous.get("/api/home", headers=ann.headers).json()["rows"]
    progress = home[0]["items"][0]["progress"]
    assert (progress["progress_seconds"], progress["completed"]) == (600.0, False)
    assert [row["id"].partition(":")[0] for row in home] == [name.partition(":")[0] for name in expected]


def test_a_series_row_begins_with_its_broadcasts_in_watching_order(
    anonymous: httpx.Client, shelf: Shelf, settings: Settings
) -> None:
    series: dict[str, Any] = {"series_id": add_series(shelf, "WSOP 2024", 2024), "year": 2024}
    for number in range(25):
        shelf.add(f"Hand {number}", content=None, content_type="hand_clip", **series)
    for number in (20, 3):
        bracelet: dict[str, Any] = {"event_type": "bracelet", "event_number": number}
        shelf.add(f"#{number}", content=None, content_type="stream", **bracelet, **series)
    main: dict[str, Any] = {"event_type": "main_event", "content_type": "stream"}
    for day, stage in (("2", "final_table"), ("10", None), ("2", None), (str(10**30), None)):
        shelf.add(f"Day {day} {stage or ''}".strip(), content=None, day=day, stage=stage, **main, **series)
    row = rows(anonymous, sign_in(settings))[f"series:{series['series_id']}"]
    days = ["Day 2", "Day 10", f"Day {10**30}", "Day 2 final_table"]
    assert row[:6] == [*days, "#3", "#20"]
    assert len(row) == 20


def test_the_newest_and_the_largest_series_have_rows(
    anonymous: httpx.Client, shelf: Shelf, settings: Settings
) -> None:
    sizes = {"Show": 7, "2001": 5, "2002": 6, "2003": 1, "2009": 3}
    sizes |= {str(year): 4 for year in range(2004, 2009)}
    for title, size in sizes.items():
        series = add_series(shelf, title, None if title == "Show" else int(title))
        for number in range(size):
            shelf.add(f"{title} {number}", content=None, series_id=series)
    home = anonymous.get("/api/home", headers=sign_in(settings).headers).json()["rows"]
    names = [row["title"] for row in home if row["id"].startswith("series:")]
    assert names == ["2008", "2007", "2006", "2005", "2004", "Show", "2002", "2001"]


def test_main_events_are_sorted_newest_first(
    anonymous: httpx.Client, shelf: Shelf, settings: Settings
) -> None:
    for series, year in (("WSOP 2023", 2023), ("WSOP 2024", 2024), ("WSOP Europe 2024", 2024)):
        event = {"series_id": add_series(shelf, series, year), "year": year, "content_type": "stream"}
        for day, stage in (("10", None), ("9", None), (None, "final_table")):
            shelf.add(
                f"{series} {day or 'Final'}",
                content=None,
                day=day,
                stage=stage,
                event_type="main_event",
                **event,
            )
    shelf.add("A hand", content=None, event_type="main_event", content_type="hand_clip", year=2025)
    expected = [
        f"{series} {day}"
        for series in ("WSOP 2024", "WSOP Europe 2024", "WSOP 2023")
        for day in ("9", "10", "Final")
    ]
    assert rows(anonymous, sign_in(settings))["main_event"] == expected


def test_rows_are_cached_until_something_changes(
    anonymous: httpx.Client, shelf: Shelf, settings: Settings
) -> None:
    ann, bob = sign_in(settings), sign_in(settings)
    first, second = shelf.add("First"), shelf.add("Second")
    before = {person.username: rows(anonymous, person) for person in (ann, bob)}
    # Unlike our own code, this change publishes no event.
    with Session(shelf.engine) as session:
        session.execute(update(Content).where(Content.id == first).values(title="Renamed"))
        session.commit()
    watch(shelf, ann, second, progress_seconds=50)
    assert [rows(anonymous, person) for person in (ann, bob)] == list(before.values())
    publish = redis_publisher(settings.redis_url.get_secret_value())  # type: ignore[union-attr]
    publish(ProgressSaved(ann.user_id, second))
    eventually(lambda: rows(anonymous, ann).get("continue_watching") == ["Second"])
    assert rows(anonymous, bob) == before[bob.username]
    publish(ContentUpdated(first))
    eventually(lambda: "Renamed" in rows(anonymous, bob)["recently_added"])


def test_without_redis_each_response_is_fresh(shelf: Shelf, settings: Settings) -> None:
    person = sign_in(settings)
    with serving(create_app(settings.model_copy(update={"redis_url": None}))) as client:
        assert rows(client, person) == {}
        shelf.add("First")
        assert rows(client, person) == {"recently_added": ["First"]}


def test_home_always_runs_three_queries(shelf: Shelf, database_url: str, settings: Settings) -> None:
    person = sign_in(settings)
    for number in range(12):
        series = add_series(shelf, f"WSOP {number}", 2000 + number)
        for day in range(3):
            shelf.add(
                f"Title {number} {day}",
                content=None,
                series_id=series,
                event_type="main_event",
                content_type="stream",
            )
    sent: list[str] = []

    async def read() -> list[int]:
        engine = make_async_engine(database_url)
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *call: sent.append(call[2]))
        async with AsyncSession(engine) as session:
            home = await rows_for(session, person.user_id)
        await engine.dispose()
        return [len(row.items) for row in home.rows]

    assert asyncio.run(read()) == [20, 20, *[3] * 8]
    assert len(sent) == 3


def test_series_are_listed_with_their_visible_titles(client: httpx.Client, shelf: Shelf) -> None:
    newer, older, empty = (
        add_series(shelf, title, year)
        for title, year in (("WSOP 2024", 2024), ("WSOP 2003", 2003), ("WSOP 1990", 1990))
    )
    bracelet: dict[str, Any] = {"event_type": "bracelet", "series_id": newer}
    shelf.add("Event 10", event_number=10, **bracelet)
    shelf.add("Event 2 Final", event_number=2, stage="final_table", **bracelet)
    shelf.add("Event 2 Day 1", event_number=2, day="1", **bracelet)
    shelf.add("Main Event", event_type="main_event", series_id=newer, thumbnail_path="p.jpg")
    shelf.add("Clip", series_id=newer, status="preparing")
    shelf.add("Old", series_id=older)
    shelf.add("Hidden", series_id=empty, is_visible=False)
    page = client.get("/api/series").json()
    assert [(one["title"], one["titles"]) for one in page["items"]] == [("WSOP 2024", 4), ("WSOP 2003", 1)]
    assert page["items"][0]["poster"].endswith("/poster.jpg")
    assert client.get("/api/series?year=2003&sort=-titles").json()["total"] == 1
    assert client.get("/api/series?limit=1&offset=1&sort=year").json()["items"][0]["title"] == "WSOP 2024"
    one = client.get(f"/api/series/{newer}").json()
    names = ["Main Event", "Event 2 Day 1", "Event 2 Final", "Event 10"]
    assert [title["title"] for title in one["items"]] == names
    everything = client.get(f"/api/series/{newer}?playable=all&limit=2&offset=3").json()
    assert ([title["title"] for title in everything["items"]], everything["total"]) == (
        ["Event 10", "Clip"],
        5,
    )
    for sort, first in (("titles", "WSOP 2003"), ("-titles", "WSOP 2024"), ("-title", "WSOP 2024")):
        assert client.get(f"/api/series?sort={sort}").json()["items"][0]["title"] == first
    for missing in (empty, uuid.uuid4(), "7", "%00", "x" * 3_000, f"{{{newer}}}"):
        assert code_of(client.get(f"/api/series/{missing}")) == (404, "SERIES_NOT_FOUND")

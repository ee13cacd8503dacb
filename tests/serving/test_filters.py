"""Filters with several values, and the orders by views and by what the viewer watched."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from catalog_models.engine import make_async_engine
from catalog_models.tables import ContentView, WatchProgress
from orchestration.settings import Settings
from serving.flat_catalog.queries import list_titles
from serving.flat_catalog.schemas import TitlesQuery
from serving.titles.filters import MOST, Filters, without_filters
from tests.serving.conftest import Person, Shelf, sign_in

pytestmark = pytest.mark.shared_servers

CODES = st.lists(st.text("abcxyz_0189 é한", min_size=1, max_size=8), min_size=1, max_size=MOST)
YEARS = st.lists(st.integers(0, 9999), min_size=1, max_size=MOST)


def titles(client: httpx.Client, person: Person | None = None, **asked: Any) -> list[str]:
    headers = person.headers if person else None
    response = client.get("/api/contents", params={"sort": "title", **asked}, headers=headers)
    assert response.status_code == 200, response.text
    return [title["title"] for title in response.json()["items"]]


@hypothesis_settings(deadline=None)
@given(values=CODES, years=YEARS, cuts=st.integers(0, MOST))
def test_commas_and_repetitions_mean_the_same(values: list[str], years: list[int], cuts: int) -> None:
    forms: list[Any] = [
        [",".join(values)],
        values,
        [",".join(part) for part in (values[:cuts], values[cuts:]) if part],
    ]
    read = [Filters.model_validate({"brand": form}).brand for form in forms]
    assert read == [list(dict.fromkeys(values))] * len(forms)
    text = ",".join(map(str, years))
    assert Filters.model_validate({"year": [text]}).year == list(dict.fromkeys(years))


@hypothesis_settings(deadline=None)
@given(st.lists(st.text(max_size=12), max_size=4))
def test_any_text_is_read_or_refused(values: list[str]) -> None:
    for name in ("brand", "region", "year", "buy_in", "series_id", "watched", "player", "event", "quality"):
        try:
            found = getattr(Filters.model_validate({name: values}), name)
        except ValidationError:
            continue
        assert len(found) == len(set(found)) <= MOST
        assert not any("\x00" in str(value) for value in found)


def test_a_comma_belongs_to_a_name() -> None:
    filters = Filters.model_validate({"player": ["Carver, Ann", "Bo"], "event": ["$1,500 Razz"]})
    assert (filters.player, filters.event) == (["Carver, Ann", "Bo"], ["$1,500 Razz"])
    assert without_filters(filters, "player").player == []


def test_titles_match_one_of_the_values_of_each_filter(client: httpx.Client, shelf: Shelf) -> None:
    for title, fields in {
        "a": {"brand": "WSOP", "year": 2023, "buy_in": 10_000, "event_name": "High, Low"},
        "b": {"brand": "WSOP", "year": 2024, "buy_in": 1_500, "players": ["Ann Carver"]},
        "c": {"brand": "HCL", "year": 2024, "players": ["Bo Lindqvist"]},
        "d": {"brand": "PAD", "year": 2022, "event_name": "Razz"},
    }.items():
        shelf.add(title, content=None, **fields)
    for asked, expected in (
        ({"year": "2023,2024"}, ["a", "b", "c"]),
        ({"year": ["2022", "2024"]}, ["b", "c", "d"]),
        ({"year": ["2022,2023", "2024"], "brand": "WSOP,HCL"}, ["a", "b", "c"]),
        ({"year": "2024"}, ["b", "c"]),
        ({"buy_in": "1500,10000"}, ["a", "b"]),
        ({"event": ["High, Low", "Razz"]}, ["a", "d"]),
        ({"player": ["carver", "lindqvist"]}, ["b", "c"]),
        ({"region": "nowhere"}, []),
    ):
        assert titles(client, **asked) == expected, asked
        found = client.get("/api/search", params={"q": "a b c d", **asked})
        assert found.status_code == 200
    for refused in (
        "year=2023,",
        "year=2023,x",
        "brand=WSOP,,HCL",
        "region=%00",
        "watched=never",
        "buy_in=-1",
    ):
        assert client.get(f"/api/contents?{refused}").status_code == 422, refused
    many = ",".join(str(year) for year in range(1_900, 1_951))
    assert client.get(f"/api/contents?year={many}").status_code == 422


def see(shelf: Shelf, person: Person, content_id: uuid.UUID, seconds: float, **fields: Any) -> None:
    with Session(shelf.engine) as session:
        session.add(
            WatchProgress(user_id=person.user_id, content_id=content_id, progress_seconds=seconds, **fields)
        )
        session.commit()


def test_titles_are_filtered_by_what_the_viewer_watched(
    anonymous: httpx.Client, shelf: Shelf, settings: Settings
) -> None:
    ann, bob = sign_in(settings), sign_in(settings)
    ids = {title: shelf.add(f"ashbrook {title}", content=None) for title in ("a", "b", "c", "d")}
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    see(shelf, ann, ids["b"], 60, updated_at=now)
    see(shelf, ann, ids["c"], 600, completed=True, updated_at=now + dt.timedelta(days=1))
    see(shelf, ann, ids["d"], 5, updated_at=now + dt.timedelta(days=2))
    see(shelf, bob, ids["a"], 60)

    def letters(person: Person, **asked: Any) -> str:
        return "".join(title[-1] for title in titles(anonymous, person, **asked))

    assert letters(ann, watched="new") == "ad"
    assert letters(ann, watched="begun") == letters(ann, watched="begun,begun") == "b"
    assert letters(ann, watched="watched") == "c"
    assert letters(ann, watched="new,begun") == "abd"
    assert letters(ann, watched="new,begun,watched") == "abcd"
    assert letters(bob, watched="begun") == "a"
    assert letters(ann, sort="-watched") == "dcba"
    assert letters(ann, sort="watched") == "bcda"
    assert letters(ann, sort="-watched", limit=2, offset=2) == "ba"
    assert letters(bob, sort="-watched", limit=2, offset=1) == "bc"
    found = anonymous.get("/api/search?q=ashbrook&watched=new&facets=true", headers=ann.headers).json()
    assert found["total"] == 2


def test_every_order_reads_a_full_page_in_four_statements(shelf: Shelf, database_url: str) -> None:
    ids = [shelf.add(f"Title {number}", content=None) for number in range(4)]
    with Session(shelf.engine) as session:
        session.add_all(ContentView(content_id=content_id) for content_id in ids)
        session.commit()
    sent: list[str] = []

    async def count(sort: str, limit: int) -> int:
        engine = make_async_engine(database_url)
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *call: sent.append(call[2]))
        sent.clear()
        query = TitlesQuery.model_validate({"sort": sort, "limit": limit})
        viewer = uuid.uuid4()
        query.seen_by(viewer)
        async with AsyncSession(engine) as session:
            assert len((await list_titles(session, query, viewer)).items) == min(limit, 4)
        await engine.dispose()
        return len(sent)

    for sort in ("title", "-title", "-year", "-views", "-added"):
        assert asyncio.run(count(sort, 2)) == 4, sort
    # Titles without the field are read separately.
    for sort in ("year", "-watched", "watched"):
        assert asyncio.run(count(sort, 2)) == 5, sort
    assert asyncio.run(count("-views", 50)) == 5


def test_titles_are_sorted_by_views(client: httpx.Client, shelf: Shelf) -> None:
    ids = {title: shelf.add(title, content=None) for title in ("a", "b", "c", "d")}
    with Session(shelf.engine) as session:
        session.add_all(ContentView(content_id=ids[title]) for title in ("b", "d", "d", "c"))
        session.commit()
    assert titles(client, sort="-views") == ["d", "b", "c", "a"]
    assert titles(client, sort="views") == ["a", "b", "c", "d"]
    for offset in range(5):
        for sort, order in (("-views", "dbca"), ("views", "abcd")):
            page = titles(client, sort=sort, limit=2, offset=offset)
            assert "".join(page) == order[offset : offset + 2], (sort, offset)

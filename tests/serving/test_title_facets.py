"""The facets of browse pages, which need no words."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import httpx
import pytest
from redis import Redis
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from catalog_models.engine import make_async_engine
from catalog_models.tables import Series, WatchProgress
from orchestration.settings import Settings
from serving.search.engine import Search
from serving.search.schemas import FacetsQuery
from tests.serving.conftest import Shelf, sign_in

pytestmark = pytest.mark.shared_servers


def facets(client: httpx.Client, **asked: Any) -> dict[str, dict[Any, int]]:
    """Return the facets that are not empty, by value, in order."""
    response = client.get("/api/facets", params=asked)
    assert response.status_code == 200, response.text
    answer = response.json()
    answer.pop("total")
    return {
        name: {facet["value"]: facet["count"] for facet in values}
        for name, values in answer.items()
        if values
    }


@pytest.fixture
def series(shelf: Shelf) -> str:
    with Session(shelf.engine) as session:
        row = Series(title="WSOP 2031", brand="WSOP", year=2031)
        session.add(row)
        session.commit()
        found = row.id
    wsop: dict[str, Any] = {"content": None, "brand": "WSOP", "year": 2031, "series_id": found}
    shelf.add("Ashbrook 1", event_name="Razz", buy_in=1_500, players=["Ann Carver", "Bo"], **wsop)
    shelf.add("Ashbrook 2", event_name="Razz", buy_in=10_000, players=["Ann Carver"], **wsop)
    shelf.add("Wexley", content=None, brand="HCL", year=2030)
    shelf.add("Wexley in the making", content=None, brand="HCL", status="preparing")
    shelf.add("Hidden", content=None, brand="PAD", is_visible=False)
    return str(found)


def test_the_cache_keeps_no_long_filters(client: httpx.Client, redis_url: str) -> None:
    events = [f"{number} {'x' * 290}" for number in range(50)]
    assert facets(client, event=events) == {}
    with Redis.from_url(redis_url) as redis:
        assert {len(field) for field in redis.hkeys("titles:facets")} == {64}


def test_all_titles_are_counted_without_words(client: httpx.Client, series: str) -> None:
    expected: dict[str, dict[Any, int]] = {
        "brand": {"WSOP": 2, "HCL": 1},
        "year": {2031: 2, 2030: 1},
        "event": {"Razz": 2},
        "buy_in": {1_500: 1, 10_000: 1},
        "player": {"Ann Carver": 2, "Bo": 1},
        "series": {series: 2},
        "playable": {"true": 3, "false": 1},
        "watched": {"new": 3},
    }
    # The second response comes from L1.
    assert facets(client) == facets(client) == facets(client, q=" ") == expected
    answer = client.get("/api/facets").json()
    assert answer["series"][0]["name"] == "WSOP 2031"
    assert answer["total"] == 3
    assert facets(client, playable="all")["brand"] == {"HCL": 2, "WSOP": 2}


def test_a_filter_does_not_apply_to_its_own_facet(client: httpx.Client, series: str) -> None:
    by_brand = facets(client, brand="HCL")
    assert by_brand["brand"] == {"WSOP": 2, "HCL": 1}
    assert by_brand["year"] == {2030: 1}
    assert by_brand["playable"] == {"true": 1, "false": 1}
    assert "series" not in by_brand
    by_player = facets(client, player="bo")
    assert by_player["player"] == {"Ann Carver": 2, "Bo": 1}
    assert by_player["buy_in"] == {1_500: 1}
    by_buy_in = facets(client, buy_in="10000", event="Razz", series_id=series)
    assert by_buy_in["buy_in"] == {1_500: 1, 10_000: 1}
    assert by_buy_in["event"] == {"Razz": 1}
    assert by_buy_in["series"] == {series: 1}


def test_words_and_filters_select_what_is_counted(client: httpx.Client, series: str) -> None:
    assert facets(client, q="ashbrook")["brand"] == {"WSOP": 2}
    assert facets(client, q="ashborok zzyzx")["brand"] == {"WSOP": 2}, "of the search as it was read"
    assert facets(client, q="%%%") == {}
    assert facets(client, q="wexley", year="2030,2031")["year"] == {2030: 1}
    assert client.get("/api/facets?year=x").status_code == 422
    listed = client.get(f"/api/contents?brand=WSOP&series_id={series}").json()["total"]
    assert listed == client.get(f"/api/facets?brand=WSOP&series_id={series}").json()["total"] == 2


def test_what_the_viewer_watched_is_always_current(
    anonymous: httpx.Client, shelf: Shelf, settings: Settings
) -> None:
    ann, bob = sign_in(settings), sign_in(settings)
    first, second, _ = (shelf.add(f"Ashbrook {number}", content=None) for number in range(3))

    def watched(headers: dict[str, str], **asked: Any) -> dict[str, int]:
        answer = anonymous.get("/api/facets", params=asked, headers=headers).json()
        return {facet["value"]: facet["count"] for facet in answer["watched"]}

    assert watched(ann.headers) == {"new": 3}
    with Session(shelf.engine) as session:
        session.add(WatchProgress(user_id=ann.user_id, content_id=first, progress_seconds=60))
        session.add(
            WatchProgress(user_id=ann.user_id, content_id=second, progress_seconds=60, completed=True)
        )
        session.commit()
    assert watched(ann.headers) == {"new": 1, "begun": 1, "watched": 1}
    assert watched(ann.headers, watched="begun") == {"new": 1, "begun": 1, "watched": 1}
    assert watched(bob.headers) == {"new": 3}
    total = anonymous.get("/api/facets?watched=begun,watched", headers=ann.headers).json()["total"]
    assert total == 2


def test_the_number_of_statements_is_bounded(shelf: Shelf, database_url: str) -> None:
    for number in range(3):
        shelf.add(f"Ashbrook {number}", content=None, players=[f"Player {number}"])
    sent: list[str] = []

    async def count(**asked: Any) -> int:
        engine = make_async_engine(database_url)
        event.listen(engine.sync_engine, "before_cursor_execute", lambda *call: sent.append(call[2]))
        sent.clear()
        async with AsyncSession(engine) as session:
            await Search().facets(session, FacetsQuery(**asked), uuid.uuid4())
        await engine.dispose()
        return len(sent)

    assert asyncio.run(count()) == 6
    assert asyncio.run(count(brand=["WSOP"], year=[2024], event=["Razz"])) == 9

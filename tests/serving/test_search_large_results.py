"""Large results: counted up to a limit, the newest titles ranked, the others by age."""

from __future__ import annotations

import httpx
import pytest
from redis import Redis

from serving.search import large_results, queries
from tests.serving.conftest import Shelf

pytestmark = pytest.mark.shared_servers


@pytest.fixture
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "COUNTED", 6)
    monkeypatch.setattr(large_results, "_RANKED", 3)
    monkeypatch.setattr(large_results, "_RECENT", 5)


def pages(client: httpx.Client, q: str, limit: int) -> list[str]:
    found: list[str] = []
    for offset in range(0, 12, limit):
        answer = client.get("/api/search", params={"q": q, "limit": limit, "offset": offset}).json()
        assert answer["total"] == 6, "as far as it is counted"
        found += [item["title"] for item in answer["items"]]
    return found


@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("limit", [1, 2, 4, 5])
@pytest.mark.parametrize("newer", [0, 1, 9], ids=["they are the newest", "some are", "none of the newest is"])
def test_pages_contain_every_title_once(client: httpx.Client, shelf: Shelf, limit: int, newer: int) -> None:
    for year in range(2020, 2028):
        named = "Ashbrook" if year % 2 else "Duel"
        shelf.add(f"{named} {year}", content=None, year=year, players=["Ashbrook"])
    for number in range(newer):
        shelf.add(f"Newer {number}", content=None, year=2040)
    found = [int(title[-4:]) for title in pages(client, "ashbrook", limit)]
    ranked = {0: [2027, 2025, 2026], 1: [2027, 2025, 2026], 9: [2027, 2026, 2025]}[newer]
    assert found == [*ranked, 2024, 2023, 2022, 2021, 2020]


@pytest.mark.usefixtures("few_are_many")
def test_facets_of_large_results_are_counted_once_a_minute(
    client: httpx.Client, shelf: Shelf, redis_url: str
) -> None:
    with Redis.from_url(redis_url) as redis:
        redis.delete("search:facets")
    for number in range(6):
        shelf.add(f"Ashbrook {number}", content=None, year=2030)

    def years(**filters: int) -> list[dict[str, int]]:
        asked: dict[str, str | int] = {"q": "ashbrook", "facets": "true", **filters}
        return client.get("/api/search", params=asked).json()["facets"]["year"]  # type: ignore[no-any-return]

    assert years() == [{"value": 2030, "count": 6}]
    shelf.add("Ashbrook", content=None, year=2031)
    assert years() == [{"value": 2030, "count": 6}], "they may be a minute old"
    assert years(year=2031) == [{"value": 2030, "count": 6}, {"value": 2031, "count": 1}], (
        "of few they never are"
    )

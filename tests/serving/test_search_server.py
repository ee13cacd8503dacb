"""The search with a search server: asked when it answers, done without when it does not."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from orchestration.settings import Settings
from serving.search.server import DEADLINE
from tests.search.imitation import Imitation, imitation
from tests.serving.conftest import Shelf, eventually

pytestmark = pytest.mark.shared_servers


@pytest.fixture
def server() -> Iterator[Imitation]:
    with imitation() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, server: Imitation) -> Settings:
    return settings.model_copy(update={"meilisearch_url": server.url})


def test_the_server_says_which_titles_and_the_tables_what_they_are(
    client: httpx.Client, server: Imitation, shelf: Shelf
) -> None:
    first = shelf.add("Ashbrook <i>wins</i>", content=None, year=2031)
    hidden = shelf.add("Ashbrook hidden", content=None, is_visible=False)
    server.indexes["titles"] = {str(hidden): {}, str(first): {}}
    answer = client.get("/api/search", params={"q": 'Ashborok 2031 day 3 "', "brand": 'a"b'}).json()
    assert (answer["engine"], answer["degraded"], answer["items"]) == ("meilisearch", False, [])
    answer = client.get("/api/search", params={"q": "Ashborok wi"}).json()
    assert [item["id"] for item in answer["items"]] == [str(first)], "what may not be seen is not shown"
    assert answer["items"][0]["highlights"]["title"] == "<em>Ashbrook</em> &lt;i&gt;<em>wins</em>&lt;/i&gt;"
    assert server.asked[0]["q"] == 'ashbrook "2031" "day3"'
    assert server.asked[0]["filter"] == ["status IN [ready]", 'brand = "a\\"b"']


def test_what_the_server_does_not_find_the_database_may(
    client: httpx.Client, server: Imitation, shelf: Shelf
) -> None:
    shelf.add("Ashbrook", content=None)
    server.indexes["titles"] = {}
    answer = client.get("/api/search?q=ashbrook").json()
    assert (answer["engine"], answer["total"], answer["degraded"]) == ("postgres", 1, False)


@pytest.mark.parametrize("how", ["slow", "unwell", "empty"])
def test_without_the_server_the_database_answers_and_says_so(
    client: httpx.Client, server: Imitation, shelf: Shelf, how: str
) -> None:
    shelf.add("Ashbrook", content=None)
    if how == "slow":
        server.delay = DEADLINE + 2
    elif how == "unwell":
        server.unavailable = 1
    started = time.monotonic()
    answer = client.get("/api/search?q=ashbrook").json()
    assert time.monotonic() - started < DEADLINE + 1
    assert (answer["engine"], answer["degraded"], answer["total"]) == ("postgres", True, 1)
    before, started = server.requests, time.monotonic()
    assert client.get("/api/search/suggest?q=ashb").json()["degraded"] is True
    assert time.monotonic() - started < DEADLINE / 2
    assert server.requests == before, "a silent server is left to rest"


def test_the_server_counts_facets(client: httpx.Client, server: Imitation, shelf: Shelf) -> None:
    found = shelf.add("Ashbrook", content=None, brand="WSOP", year=2031)
    server.indexes["titles"] = {
        str(found): {"brand": "WSOP", "year": 2031},
        "other": {"brand": "PAD", "year": 2031},
        "third": {"brand": "WSOP"},
    }
    answer = client.get("/api/search?q=ashbrook&year=2031&limit=1&facets=true").json()
    assert answer["engine"] == "meilisearch"
    assert answer["facets"]["brand"] == [{"value": "WSOP", "count": 2}, {"value": "PAD", "count": 1}]
    assert answer["facets"]["year"] == [{"value": 2031, "count": 2}]
    assert answer["facets"]["stage"] == []
    page, years = server.asked
    assert "year" not in page["facets"]
    assert (years["facets"], years["limit"], years["filter"]) == (["year"], 0, ["status IN [ready]"])


def test_health_tells_of_the_server(client: httpx.Client, server: Imitation) -> None:
    assert client.get("/api/health").json()["dependencies"]["meilisearch"] == "connected"
    server.delay = DEADLINE + 1

    def is_told() -> bool:
        health = client.get("/api/health").json()
        return (health["status"], health["dependencies"]["meilisearch"]) == ("degraded", "disconnected")

    eventually(is_told)


def test_filters_are_put_in_the_servers_language(
    client: httpx.Client, server: Imitation, shelf: Shelf
) -> None:
    shelf.add("Ashbrook", content=None)
    server.indexes["titles"] = {}
    asked: dict[str, str | int] = {"q": "ashbrook", "player": 'Zoé "O\'Brien"', "year_from": 1990}
    client.get("/api/search", params=asked | {"year_to": 2003})
    expected = ["status IN [ready]", "year >= 1990", "year <= 2003", 'search_players = "zoe obrien"']
    assert server.asked[0]["filter"] == expected

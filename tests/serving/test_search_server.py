"""Searches with a search server: used while it responds, replaced by the database otherwise."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator

import httpx
import pytest

from catalog_models.search.text import tokens
from orchestration.settings import Settings
from serving.search.server import DEADLINE
from tasks.search.index import settings as our_settings
from tests.search.fake_server import Imitation, imitation
from tests.serving.conftest import Shelf, eventually

pytestmark = pytest.mark.shared_servers


@pytest.fixture
def server() -> Iterator[Imitation]:
    with imitation() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, server: Imitation) -> Settings:
    return settings.model_copy(update={"meilisearch_url": server.url})


def document(key: object, title: str, **fields: object) -> dict[str, object]:
    """Return the document of a playable title on the server."""
    players = fields.pop("players", [])
    made = {"search_title": " ".join(tokens(title)), "search_players": players, "status": "ready"}
    return {"id": str(key), **made, **fields}


def hold(server: Imitation, *documents: dict[str, object]) -> None:
    """Store these documents on the server, in an index with our settings."""
    server.indexes["titles"] = {str(one["id"]): one for one in documents}


def test_the_server_finds_titles_and_the_tables_describe_them(
    client: httpx.Client, server: Imitation, shelf: Shelf
) -> None:
    first = shelf.add("Ashbrook <i>wins</i>", content=None, year=2031)
    hidden = shelf.add("Ashbrook hidden", content=None, is_visible=False)
    hold(server, document(hidden, "Ashbrook hidden win"), document(first, "Ashbrook wins", year=2031))
    answer = client.get("/api/search", params={"q": 'Ashborok 2031 day 3 "', "brand": 'a"b'}).json()
    assert (answer["engine"], answer["degraded"], answer["items"]) == ("postgres", False, [])
    answer = client.get("/api/search", params={"q": "Ashborok wi"}).json()
    assert [item["id"] for item in answer["items"]] == [str(first)], "what may not be seen is not shown"
    assert answer["items"][0]["highlights"]["title"] == "<em>Ashbrook</em> &lt;i&gt;<em>wins</em>&lt;/i&gt;"
    assert server.asked[0]["q"] == '"ashbrook" "2031" "day3"'
    assert server.asked[0]["filter"] == ["status IN [ready]", 'brand = "a\\"b"']


def test_the_database_searches_if_the_server_finds_nothing(
    client: httpx.Client, server: Imitation, shelf: Shelf
) -> None:
    shelf.add("Ashbrook", content=None)
    server.indexes["titles"] = {}
    answer = client.get("/api/search?q=ashbrook").json()
    assert (answer["engine"], answer["total"], answer["degraded"]) == ("postgres", 1, False)


@pytest.mark.parametrize("how", ["slow", "unwell", "empty"])
def test_without_the_server_the_database_searches_and_reports_it(
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
    hold(
        server,
        document(found, "Ashbrook", brand="WSOP", year=2031),
        document(uuid.UUID(int=1), "Ashbrook", brand="PAD", year=2031),
        document(uuid.UUID(int=2), "Ashbrook", brand="WSOP", year=2032),
        document(uuid.UUID(int=3), "Wexley", brand="WSOP", year=2031),
    )
    answer = client.get("/api/search?q=ashbrook&year=2031&limit=1&facets=true").json()
    assert answer["engine"] == "meilisearch"
    assert answer["facets"]["brand"] == [{"value": "PAD", "count": 1}, {"value": "WSOP", "count": 1}]
    assert answer["facets"]["year"] == [{"value": 2031, "count": 2}, {"value": 2032, "count": 1}]
    assert answer["facets"]["stage"] == []
    page, years = server.asked
    assert "year" not in page["facets"]
    assert (years["facets"], years["limit"], years["filter"]) == (["year"], 0, ["status IN [ready]"])


def test_filters_that_the_server_lacks_are_applied_by_the_database(
    client: httpx.Client, server: Imitation, shelf: Shelf
) -> None:
    found = shelf.add("Ashbrook", content=None, year=2031, event_name="Razz", buy_in=1_500)
    hold(server, document(found, "Ashbrook", year=2031), document(uuid.UUID(int=1), "Ashbrook", year=2030))
    answer = client.get("/api/search?q=ashbrook&year=2031,2032").json()
    assert (answer["engine"], answer["total"]) == ("meilisearch", 1)
    assert server.asked[-1]["filter"] == ["status IN [ready]", "year IN [2031, 2032]"]
    for filters in ("event=Razz", "buy_in=1500,2000", "watched=new", "year=2031&watched=begun,new"):
        answer = client.get(f"/api/search?q=ashbrook&{filters}").json()
        shown = (answer["engine"], answer["degraded"], answer["total"])
        assert shown == ("postgres", False, 1), filters


def test_a_refused_search_degrades_only_itself(client: httpx.Client, server: Imitation, shelf: Shelf) -> None:
    found = shelf.add("Ashbrook wins", content=None)
    hold(server, document(found, "Ashbrook wins"))
    server.refused = "wexley"
    assert client.get("/api/search?q=wexley").json()["degraded"] is True
    answer = client.get("/api/search?q=ashbrook").json()
    assert (answer["engine"], answer["degraded"], answer["total"]) == ("meilisearch", False, 1)


@pytest.mark.parametrize("how", ["late", "key", "index", "filters", "words", "documents"])
def test_health_is_connected_only_while_searches_work(
    client: httpx.Client, server: Imitation, how: str
) -> None:
    hold(server, document(uuid.UUID(int=1), "Poker"))

    def is_now(overall: str, dependency: str) -> bool:
        health = client.get("/api/health").json()
        return (health["status"], health["dependencies"]["meilisearch"]) == (overall, dependency)

    eventually(lambda: is_now("healthy", "connected"))
    match how:
        case "late":
            server.delay = DEADLINE + 1
        case "key":
            server.key = "another"
        case "index":
            server.indexes.clear()
        case "filters":
            server.settings["titles"] = our_settings((1, 50)) | {"filterableAttributes": ["id", "status"]}
        case "words":
            server.settings["titles"] = our_settings((1, 50)) | {"searchableAttributes": ["search_title"]}
        case "documents":
            hold(server, {"id": 7, "search_title": "poker", "status": "x"})
    eventually(lambda: is_now("degraded", "disconnected"))


def test_edits_and_hidden_titles_reach_the_server_after_the_commit(
    client: httpx.Client, admin: httpx.Client, server: Imitation, twins: tuple[uuid.UUID, uuid.UUID]
) -> None:
    first, second = twins
    hold(server, document(first, "Ashbrook"), document(second, "Wexley"))
    held = server.indexes["titles"]
    edited = admin.patch(f"/api/admin/contents/{first}", json={"title": "Holt wins"})
    assert edited.status_code == 200, edited.text
    hidden = admin.patch(f"/api/admin/contents/{second}", json={"is_visible": False})
    assert hidden.status_code == 200, hidden.text
    eventually(lambda: held[str(first)]["search_title"] == "holt wins" and str(second) not in held)
    answer = client.get("/api/search?q=holt").json()
    assert (answer["engine"], answer["total"]) == ("meilisearch", 1)


def test_filters_are_written_in_the_syntax_of_the_server(
    client: httpx.Client, server: Imitation, shelf: Shelf
) -> None:
    shelf.add("Ashbrook")
    server.indexes["titles"] = {}
    asked: dict[str, str | int] = {"q": "ashbrook", "player": 'Zoé "O\'Brien"', "year_from": 1990}
    client.get("/api/search", params=asked | {"year_to": 2003})
    expected = ["status IN [ready]", "year >= 1990", "year <= 2003", 'search_players = "zoe obrien"']
    assert server.asked[0]["filter"] == expected

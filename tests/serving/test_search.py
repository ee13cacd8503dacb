"""The search over HTTP, for viewers and programs."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from catalog_models.tables import Content
from catalog_models.writes import contents
from serving.search import vocabulary
from tests.serving.conftest import SharedServers, Shelf, shelf_in

# Tests add titles with words of their own; the catalogue below does not change.
pytestmark = pytest.mark.shared_servers(rows="kept")


@pytest.fixture(autouse=True)
def _fresh_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the server read words at once that another test may have added."""
    monkeypatch.setattr(vocabulary, "_FRESH", 0.0)


@pytest.fixture(scope="module", autouse=True)
def titles(shared: SharedServers, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Return a small catalogue, all of whose titles play."""
    wanted: dict[str, dict[str, Any]] = {
        "WSOP 2031 Main Event – Day 1A": {"day": "1A", "event_type": "main_event", "game": "NLHE"},
        "WSOP 2031 Main Event – Day 11": {"day": "11", "event_type": "main_event"},
        "WSOP 2032 Main Event – Day 1B: Ashbrook vs Møller": {"day": "1B", "event_type": "main_event"},
        "WSOP 2031 Poker Players Championship – Day 3": {"day": "3", "buy_in": 50_000, "game": "MIXED"},
        "WSOP Europe 2032 $10,000 Pot-Limit Omaha – Final Table": {"game": "PLO", "buy_in": 10_000},
        "WSOP 2031 Cash Game: <b>Tom & Ann's</b> night": {"players": ["Ann Ashbrook", "Tom Wexley"]},
    }
    with shelf_in(tmp_path_factory.mktemp("titles"), shared.database_url) as shelf:
        for title, fields in wanted.items():
            year = re.search(r"20\d\d", title)
            shelf.add(title, content=None, brand="WSOP", year=year and int(year[0]), **fields)


def ask(client: httpx.Client, q: str, **more: Any) -> dict[str, Any]:
    response = client.get("/api/search", params={"q": q, **more})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    assert answer["engine"] == "postgres"
    return answer


def found(client: httpx.Client, q: str, **more: Any) -> list[str]:
    answer = ask(client, q, **more)
    assert answer["total"] == len(answer["items"])
    return [item["title"].partition("– ")[2] or item["title"] for item in answer["items"]]


DAY_1A, DAY_11, DAY_3 = "Day 1A", "Day 11", "Day 3"
DAY_1B, FINAL = "Day 1B: Ashbrook vs Møller", "Final Table"
CASH = "WSOP 2031 Cash Game: <b>Tom & Ann's</b> night"


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("main event 2031 day 1a", [DAY_1A]),
        ("MAIN event day 1", [DAY_1B, DAY_1A]),
        ("day1a", [DAY_1A]),
        ("2031 main", [DAY_1A, DAY_11]),
        ("50K PPC day 3", [DAY_3]),
        ("$50,000 players", [DAY_3]),
        ("10k plo", [FINAL]),
        ("10000 omaha final tab", [FINAL]),
        ("hold'em", [DAY_1A]),
        ("no limit holdem", [DAY_1A]),
        ("moller", [DAY_1B]),
        ("ann's", [CASH]),
        ("wexley ashbrook", [CASH]),
        ("메인 이벤트 2032", [DAY_1B]),
        ("main event 2030", []),
        ("2034", []),
        ("main event day 2", []),
        ("day 12", []),
    ],
)
def test_searches_find_the_intended_titles(client: httpx.Client, q: str, expected: list[str]) -> None:
    assert sorted(found(client, q)) == sorted(expected)


def test_an_unfinished_year_is_found(client: httpx.Client) -> None:
    assert len(found(client, "wsop 203")) == 6
    assert len(found(client, "wsop 2031")) == 4
    assert found(client, "wsop 202") == []


def test_typing_errors_are_corrected_and_reported(client: httpx.Client) -> None:
    answer = ask(client, "Ashborok møler")
    assert [item["title"] for item in answer["items"]] == [f"WSOP 2032 Main Event – {DAY_1B}"]
    assert answer["corrected"] == "ashbrook moller"
    assert ask(client, "ashbrook")["corrected"] is None
    assert ask(client, "zzyzx quarrel")["corrected"] is None


def test_as_few_words_as_possible_are_left_out_and_reported(client: httpx.Client) -> None:
    answer = ask(client, "ashbrook bluffs wexley")
    assert ([item["title"] for item in answer["items"]], answer["dropped"]) == ([CASH], ["bluffs"])
    assert ask(client, "ashbrook wexley")["dropped"] == []
    assert ask(client, "ashbrook 2044")["total"] == 0, "a different year is not a match"
    assert ask(client, "quarrel")["dropped"] == []


def test_a_korean_name_is_found(client: httpx.Client, shelf: Shelf) -> None:
    shelf.add("Negreanu talks", content=None)
    assert found(client, "네그라누") == ["Negreanu talks"]
    assert found(client, "네그라") == ["Negreanu talks"]
    assert found(client, "없는 이름") == []


def test_matches_in_names_come_first_then_the_newest(client: httpx.Client, shelf: Shelf) -> None:
    shelf.add("Old Quillon", year=1999, content=None)
    shelf.add("New Quillon", year=2031, content=None)
    shelf.add("Newest", year=2032, players=["Quillon"], content=None)
    shelf.add("Undated Quillon", content=None)
    expected = ["New Quillon", "Old Quillon", "Undated Quillon", "Newest"]
    assert found(client, "quillon") == expected
    pages = [ask(client, "quillon", limit=1, offset=number) for number in range(4)]
    assert [page["items"][0]["title"] for page in pages] == expected
    assert {page["total"] for page in pages} == {4}


def test_highlights_are_safe_html(client: httpx.Client) -> None:
    (item,) = ask(client, "ann night")["items"]
    assert item["highlights"]["title"] == (
        "WSOP 2031 Cash Game: &lt;b&gt;Tom &amp; <em>Ann&#x27;s</em>&lt;/b&gt; <em>night</em>"
    )
    (item,) = ask(client, "ppc day 3")["items"]
    assert item["highlights"]["title"].endswith("– <em>Day</em> <em>3</em>")
    assert ask(client, "moll")["items"][0]["highlights"]["title"].endswith("<em>Møller</em>")


def test_searches_are_filtered(client: httpx.Client, shelf: Shelf) -> None:
    shelf.add("Main Event in the making", status="preparing", content=None)
    shelf.add("Main Event hidden", is_visible=False, content=None)
    assert found(client, "main", year=2032) == [DAY_1B]
    assert found(client, "main", game="NLHE") == [DAY_1A]
    assert found(client, "wsop", brand="HCL") == []
    assert found(client, "main", playable="false") == ["Main Event in the making"]
    assert len(found(client, "main", playable="all")) == 4


def test_an_edit_is_found_at_once(client: httpx.Client, shelf: Shelf) -> None:
    key = shelf.add("Tremaine", content=None)
    assert found(client, "tremiane") == ["Tremaine"]
    with Session(shelf.engine) as session, session.begin():
        contents.change(session.get_one(Content, key), {"title": "Osgoode", "short_title": "Osgoode"})
    assert found(client, "osgoode") == ["Osgoode"]
    assert found(client, "tremaine") == []


@pytest.mark.parametrize(
    "q", ["", "   ", "&|!:*'()<->", "-", "😀", "\\", "''", "%", "\ud55c", "x" * 500, "a " * 250, "ß" * 500]
)
def test_unusual_searches_succeed(client: httpx.Client, q: str) -> None:
    assert ask(client, q)["total"] == 0 or q.startswith("a ")


@pytest.mark.parametrize("query", ["q=%00", f"q={'x' * 3_000}", "limit=5", "q=a&limit=201", "q=a&offset=-1"])
def test_invalid_searches_are_refused(client: httpx.Client, query: str) -> None:
    for path in ("/api/search", "/api/search/suggest"):
        if "offset" in query and path.endswith("suggest"):
            continue
        response = client.get(f"{path}?{query}")
        assert (response.status_code, response.json()["error"]["code"]) == (422, "REQUEST_INVALID")


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=100))
def test_no_text_causes_an_error(client: httpx.Client, q: str) -> None:
    ask(client, q)


def test_suggestions_follow_the_typed_text(client: httpx.Client) -> None:
    answer = client.get("/api/search/suggest", params={"q": "players cham"}).json()
    (item,) = answer["items"]
    assert item["title"] == "WSOP 2031 Poker Players Championship – Day 3"
    assert "<em>Players</em>" in item["highlights"]["title"]
    assert (answer["total"], answer["limit"], answer["offset"]) == (1, 8, 0)
    assert client.get("/api/search/suggest?q=").json()["items"] == []

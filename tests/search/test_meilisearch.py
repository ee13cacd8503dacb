"""The queries of docs/search.md on PostgreSQL, the fake server, and the Meilisearch at MEILISEARCH_URL.

Each test fills the index `titles` of that server: do not name a server that is in use.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from flows.job.context import NoProgress
from flows.search.drift import drift
from flows.search.index import update_index
from orchestration.settings import Settings
from serving.search import Found, SearchQuery, ask_once
from tasks.search.client import SearchServerError, connect, finish
from tests.search.conftest import Catalogue
from tests.search.fake_server import imitation

URL = os.environ.get("MEILISEARCH_URL")
KEY = os.environ.get("MEILISEARCH_MASTER_KEY")

REAL = pytest.mark.skipif(
    not URL, reason="MEILISEARCH_URL is not set: set it to the address of a Meilisearch that tests may fill"
)


@pytest.fixture(params=["imitation", pytest.param("real", marks=REAL)])
def searched(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Settings]:
    """Yield the settings with a search server."""
    if request.param == "imitation":
        with imitation() as server:
            yield settings.model_copy(update={"meilisearch_url": server.url})
    else:
        key = SecretStr(KEY) if KEY else None
        yield settings.model_copy(update={"meilisearch_url": URL, "meilisearch_key": key})


def ask(settings: Settings, q: str, **more: object) -> Found:
    return asyncio.run(ask_once(settings, SearchQuery(q=q, **more)))  # type: ignore[arg-type]


def fill(settings: Settings, catalogue: Catalogue) -> None:
    made = catalogue.reindex(settings)
    assert made.drift is not None
    assert made.drift.none


MAIN, MAIN_11, OTHER = "WSOP 2031 Main Event – Day 1A", "WSOP 2032 Main Event – Day 11", "WSOP 2033 Day 1B"
HIGH, LOW = "WSOP 2034 $10,000 High Roller Final Table", "WSOP 2030 $1,000 Hold’em Final Day"
SPLIT = "WSOP 2029 Part 2 50K Ashbrook"
PEOPLE = "Åsa Møller vs Ann Ashbrook – H.O.R.S.E."
KOREAN, JOINED = "한국 결승전 하이라이트", "WSOP한국결승전"
GOLDEN = "Golden Hour"
COUNTED = "Game of Gold Episode 1"
TITLES = (MAIN, MAIN_11, OTHER, HIGH, LOW, SPLIT, PEOPLE, KOREAN, JOINED, COUNTED, GOLDEN)

# The query, and the titles found: the newest first among those with the words in their name.
QUERIES: list[tuple[str, list[str]]] = [
    ("main event", [MAIN_11, MAIN]),
    ("event main", [MAIN_11, MAIN]),
    ("MAIN ev", [MAIN_11, MAIN]),
    ("moller", [PEOPLE]),
    ("Møller åsa", [PEOPLE]),
    ("holdem", [LOW]),
    ("horse", [PEOPLE]),
    ("fin tab", [HIGH]),
    ("final table", [HIGH]),
    ("2031", [MAIN]),
    ("203", [HIGH, OTHER, MAIN_11, MAIN, LOW, JOINED]),
    ("100", []),
    ("$10,000", [HIGH]),
    ("10,000", [HIGH]),
    ("10K", [HIGH]),
    ("1k", [LOW]),
    ("250k", []),
    ("2000", []),
    ("day 1", [OTHER, MAIN]),
    ("day 1a", [MAIN]),
    ("day 11", [MAIN_11]),
    ("day 1b 2033", [OTHER]),
    ("ep 1", [COUNTED]),
    ("episode 1 gold", [COUNTED]),
    ("part 2", [SPLIT]),
    ("ashborok", [SPLIT, PEOPLE]),
    ("ashbroo 50k", [SPLIT]),
    ("hgih roller", [HIGH]),
    ("gald", [COUNTED]),
    ("메인이벤트", [MAIN_11, MAIN]),
    ("메인 이벤트 2031", [MAIN]),
    ("메인이벤트2031", [MAIN]),
    ("파이널테이블하이롤러", [HIGH]),
    ("한국결승전", [JOINED, KOREAN]),
    ("한국 결승전", [JOINED, KOREAN]),
    ("결승전 한국", [JOINED, KOREAN]),
    ("결승전하이라이트", [KOREAN]),
    ("한국결승전하이라이트", [KOREAN]),
    ("하이 라이트", [KOREAN]),
    ("한국결", [JOINED, KOREAN]),
    ("wsop결승전", [JOINED]),
    ("국민", []),
    ("", []),
    ("&!", []),
    ("main event final table day gold horse ashbrook wexley holt moller roller high", []),
]
# For the server only the last word may be unfinished. PostgreSQL finds these.
UNFINISHED = ("fin tab", "ashbroo 50k")
YEARS = {MAIN: 2031, MAIN_11: 2032, OTHER: 2033, HIGH: 2034, LOW: 2030, SPLIT: 2029, JOINED: 2035}


@pytest.fixture
def titles(catalogue: Catalogue) -> Catalogue:
    for title in TITLES:
        catalogue.add(title, year=YEARS.get(title))
    return catalogue


def test_the_queries_of_the_documentation(searched: Settings, settings: Settings, titles: Catalogue) -> None:
    fill(searched, titles)
    for q, expected in QUERIES:
        for where, engine in ((settings, "postgres"), (searched, "meilisearch")):
            found = ask(where, q)
            if found.dropped:
                assert expected == [], (q, found.dropped)
                continue
            assert [hit.title for hit in found.items] == expected, (q, engine)
            assert (found.total, found.degraded) == (len(expected), False), (q, engine)
            if expected and q not in UNFINISHED:
                assert found.engine == engine, q


def test_filters_and_facets(searched: Settings, catalogue: Catalogue) -> None:
    catalogue.add(MAIN, year=2031, brand="WSOP", players=["Ann Ashbrook"])
    catalogue.add(MAIN_11, year=2032, brand="WSOP")
    fill(searched, catalogue)
    found = ask(searched, "main event 2031")
    assert (found.engine, [hit.year for hit in found.items]) == ("meilisearch", [2031])
    assert ask(searched, "main", year=2032).total == 1
    assert [hit.year for hit in ask(searched, "main", player="ASHBROOK", year_to=2031).items] == [2031]
    assert ask(searched, "main", player="ashbrook", year_from=2032).total == 0
    assert ask(searched, "main", brand='a "quoted" \\ one').total == 0
    facets = ask(searched, "main", year=2032, facets=True).facets
    assert facets is not None
    assert [(one.value, one.count) for one in facets.year] == [(2031, 1), (2032, 1)]


def test_changes_arrive(searched: Settings, catalogue: Catalogue) -> None:
    (key,) = catalogue.add("Wexley wins")
    fill(searched, catalogue)
    catalogue.change(key, title="Holt wins", short_title="Holt wins")
    assert update_index(searched, catalogue.transactions, NoProgress()).upserted == 1
    assert [hit.title for hit in ask(searched, "holt").items] == ["Holt wins"]
    found = drift(searched, catalogue.transactions)
    assert found is not None
    assert found.none


@REAL
def test_a_task_that_fails_raises() -> None:
    client = connect(str(URL), KEY, 30)
    with pytest.raises(SearchServerError):
        finish(client, client.delete_index("there_is_no_such_index"))

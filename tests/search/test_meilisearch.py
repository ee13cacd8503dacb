"""The same against a real Meilisearch, where MEILISEARCH_URL names one. Its index `titles` is filled anew: not for one in use."""

from __future__ import annotations

import asyncio
import os

import pytest
from pydantic import SecretStr

from flows.jobs.context import Silence
from flows.jobs.indexing import drift, index_titles, reindex
from orchestration.settings import Settings
from serving.search import Found, Question, ask_once
from tasks.search.client import SearchServerError, connect, finish
from tests.search.conftest import Catalogue

URL = os.environ.get("MEILISEARCH_URL")
KEY = os.environ.get("MEILISEARCH_MASTER_KEY")

pytestmark = pytest.mark.skipif(
    not URL, reason="MEILISEARCH_URL is not set: set it to the address of a Meilisearch that tests may fill"
)


@pytest.fixture
def real(settings: Settings) -> Settings:
    key = SecretStr(KEY) if KEY else None
    return settings.model_copy(update={"meilisearch_url": URL, "meilisearch_key": key})


def ask(settings: Settings, q: str, **more: object) -> Found:
    return asyncio.run(ask_once(settings, Question(q=q, **more)))  # type: ignore[arg-type]


def test_titles_are_found_and_numbers_are_exact(real: Settings, catalogue: Catalogue) -> None:
    catalogue.add("WSOP 2031 Main Event – Day 1A", year=2031, brand="WSOP", players=["Ann Ashbrook"])
    catalogue.add("WSOP 2032 Main Event – Day 11", year=2032, brand="WSOP")
    said = reindex(real, catalogue.transactions, Silence())
    assert said.drift is not None
    assert said.drift.none
    found = ask(real, "main event 2031")
    assert (found.engine, [hit.year for hit in found.items]) == ("meilisearch", [2031])
    assert [hit.year for hit in ask(real, "day 1").items] == [2031]
    assert [hit.year for hit in ask(real, "ashborok").items] == [2031]
    assert ask(real, "main", year=2032).total == 1
    assert [hit.year for hit in ask(real, "main", player="ASHBROOK", year_to=2031).items] == [2031]
    assert ask(real, "main", player="ashbrook", year_from=2032).total == 0
    assert ask(real, "main", brand='a "quoted" \\ one').total == 0


def test_changes_arrive(real: Settings, catalogue: Catalogue) -> None:
    (key,) = catalogue.add("Wexley wins")
    reindex(real, catalogue.transactions, Silence())
    catalogue.change(key, title="Holt wins", short_title="Holt wins")
    assert index_titles(real, catalogue.transactions, Silence()).upserted == 1
    assert [hit.title for hit in ask(real, "holt").items] == ["Holt wins"]
    found = drift(real, catalogue.transactions)
    assert found is not None
    assert found.none


def test_a_task_that_fails_raises() -> None:
    client = connect(str(URL), KEY, 30)
    with pytest.raises(SearchServerError):
        finish(client, client.delete_index("there_is_no_such_index"))

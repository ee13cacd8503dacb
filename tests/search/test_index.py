"""The search server is updated, rebuilt and compared; and what happens when it fails."""

from __future__ import annotations

import uuid

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from catalog_models.errors import ExpectedError
from catalog_models.writes import contents
from flows.job.context import NoProgress
from flows.search.drift import drift
from flows.search.index import Updated, send_titles, update_index
from orchestration.settings import Settings
from tasks.search import client
from tasks.search.client import SearchServerError, SearchStalledError, SearchUnreachableError
from tasks.search.index import Drift
from tests.search.conftest import Catalogue
from tests.search.fake_server import Imitation

# Seconds between attempts.
SOON = 0.001


def index(settings: Settings, catalogue: Catalogue) -> Updated:
    return update_index(settings, catalogue.transactions, NoProgress(), pause=SOON)


def shown(server: Imitation) -> list[str]:
    return sorted(document["title"] for document in server.indexes["titles"].values())


def test_without_a_server_the_flow_reports_that_nothing_was_done(
    settings: Settings, catalogue: Catalogue
) -> None:
    catalogue.add("Ashbrook")
    assert drift(settings, catalogue.transactions) is None
    assert catalogue.reindex(settings).drift is None


def test_changed_titles_are_indexed_and_hidden_ones_removed(
    with_server: Settings, server: Imitation, catalogue: Catalogue
) -> None:
    first, second = catalogue.add("Ashbrook", "Wexley", year=2031)
    assert index(with_server, catalogue) == Updated(upserted=2)
    assert index(with_server, catalogue) == Updated(), "nothing is due"
    catalogue.change(first, title="Ashbrook wins")
    catalogue.transactions.in_session(contents.withdraw, [second])
    (third,) = catalogue.add("Holt")
    assert index(with_server, catalogue) == Updated(upserted=2, deleted=1)
    assert shown(server) == ["Ashbrook wins", "Holt"]
    assert server.indexes["titles"][str(first)]["year"] == 2031
    assert drift(with_server, catalogue.transactions, pause=SOON) == Drift(0, 0, 0)
    assert str(third) in server.indexes["titles"]


def test_an_older_transaction_that_commits_later_is_not_lost(
    with_server: Settings, server: Imitation, catalogue: Catalogue
) -> None:
    (key,) = catalogue.add("Ashbrook")
    index(with_server, catalogue)
    with catalogue.transactions.engine.begin() as connection:
        connection.exec_driver_sql(
            "update contents set title = 'Wexley', updated_at = updated_at - interval '1 second'"
        )
    assert index(with_server, catalogue).upserted == 1
    assert shown(server) == ["Wexley"]
    assert catalogue.row(key).indexed_at == catalogue.row(key).updated_at


@pytest.mark.parametrize(
    ("version", "rules"),
    [
        ("1.50.0", "words typo attributeRank year:desc date:desc wordPosition proximity exactness"),
        ("1.36.0-rc.1", "words typo attributeRank year:desc date:desc wordPosition proximity exactness"),
        ("1.35.1", "words typo attribute year:desc date:desc proximity exactness"),
    ],
)
def test_the_index_settings_fit_the_version_of_the_server(
    with_server: Settings, server: Imitation, catalogue: Catalogue, version: str, rules: str
) -> None:
    server.version, server.key = version, "hush"
    secret = with_server.model_copy(update={"meilisearch_key": SecretStr("hush")})
    index(secret, catalogue)
    held = server.settings["titles"]
    assert held["rankingRules"] == rules.split()
    assert held["typoTolerance"]["enabled"] is False
    assert {"year", "status", "brand"} <= set(held["filterableAttributes"])
    assert held["searchableAttributes"][0] == "search_title"
    assert server.keys == {"Bearer hush"}


def test_settings_of_an_older_version_are_updated(
    with_server: Settings, server: Imitation, catalogue: Catalogue
) -> None:
    catalogue.add("Ashbrook")
    index(with_server, catalogue)
    wanted, tasks = dict(server.settings["titles"]), len(server.statuses)
    index(with_server, catalogue)
    assert len(server.statuses) == tasks, "right settings are not sent again"
    older = {"rankingRules": ["words"], "typoTolerance": {"enabled": True}, "synonyms": {"x": ["y"]}}
    server.settings["titles"] |= {**older, "filterableAttributes": ["id"]}
    index(with_server, catalogue)
    assert server.settings["titles"] == wanted


def test_a_server_without_progress_is_left_to_the_next_run(
    with_server: Settings, server: Imitation, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk the task stays `processing`, and its batch restarts repeatedly."""
    catalogue.add("Ashbrook")
    index(with_server, catalogue)
    catalogue.add("Wexley")
    server.stalls = "documentAdditionOrUpdate"
    server.percent = iter([10.0, 40.0, *([20.0, 40.0] * 1_000)]).__next__
    monkeypatch.setattr(client, "STALL_SECONDS", 0.05)
    monkeypatch.setattr(client, "_LONGEST_PAUSE", 0.02)
    with pytest.raises(SearchStalledError, match=r"no progress.*disk"):
        index(with_server, catalogue)
    server.stalls = ""
    assert index(with_server, catalogue).upserted == 1


def test_a_server_that_makes_progress_is_waited_for(
    with_server: Settings, server: Imitation, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue.add("Ashbrook")
    index(with_server, catalogue)
    catalogue.add("Wexley")
    server.stalls = "documentAdditionOrUpdate"
    looks = iter(range(1, 40))

    def percent() -> float:
        """Return more at each request; after the last one the task is done."""
        found = next(looks, None)
        if found is None:
            server.resume()
        return float(found or 99)

    server.percent = percent
    monkeypatch.setattr(client, "STALL_SECONDS", 0.05)
    monkeypatch.setattr(client, "_LONGEST_PAUSE", 0.02)
    assert index(with_server, catalogue).upserted == 1


@pytest.mark.parametrize("how", ["lost", "old", "foreign", "other"])
def test_an_index_that_differs_is_repaired(
    with_server: Settings, server: Imitation, catalogue: Catalogue, how: str
) -> None:
    first, second = catalogue.add("Ashbrook", "Wexley")
    index(with_server, catalogue)
    held = server.indexes["titles"]
    if how == "lost":
        del held[str(first)]
    elif how == "old":
        held[str(first)] |= {"version": "2001-01-01T00:00:00+00:00", "title": "Holt"}
    elif how == "foreign":
        held |= {"1": {"id": "1", "title": "Holt"}, str(uuid.UUID(int=7)): {"id": str(uuid.UUID(int=7))}}
    else:
        held[str(first)] = {"id": str(first), "title": "of another program"}
        del held[str(second)]
    before = catalogue.row(first).updated_at
    assert index(with_server, catalogue).repaired == {"lost": 1, "old": 1, "foreign": 2, "other": 2}[how]
    assert shown(server) == ["Ashbrook", "Wexley"]
    assert catalogue.row(first).updated_at == before, "the row of a lost title did not change"
    assert index(with_server, catalogue) == Updated()


def test_an_edit_is_sent_at_once_and_creates_no_index(
    with_server: Settings, server: Imitation, catalogue: Catalogue
) -> None:
    (first, second) = catalogue.add("Ashbrook", "Wexley")
    assert send_titles(with_server, catalogue.transactions, [first]) is None
    assert server.indexes == {}, "an incomplete index would be searched"
    index(with_server, catalogue)
    catalogue.change(first, title="Ashbrook wins")
    catalogue.transactions.in_session(contents.withdraw, [second])
    assert send_titles(with_server, catalogue.transactions, [first, second]) is None
    assert shown(server) == ["Ashbrook wins"]
    server.unavailable = 1
    catalogue.change(first, title="Ashbrook")
    assert "did not respond" in str(send_titles(with_server, catalogue.transactions, [first]))


@pytest.mark.parametrize("how", ["fails", "cancelled"])
def test_a_task_that_fails_raises_and_its_titles_stay_due(
    with_server: Settings, server: Imitation, catalogue: Catalogue, how: str
) -> None:
    index(with_server, catalogue)
    (key,) = catalogue.add("Ashbrook")
    setattr(server, how, "documentAdditionOrUpdate")
    with pytest.raises(SearchServerError, match=r"no space left|cancelled"):
        index(with_server, catalogue)
    assert catalogue.row(key).indexed_at is None
    setattr(server, how, "")
    assert index(with_server, catalogue).upserted == 1


def test_a_server_that_returns_is_waited_for(
    with_server: Settings, server: Imitation, catalogue: Catalogue
) -> None:
    catalogue.add("Ashbrook")
    server.unavailable = 4
    assert index(with_server, catalogue).upserted == 1


def test_an_unavailable_server_is_reported_and_the_ingest_continues(
    with_server: Settings, server: Imitation, catalogue: Catalogue
) -> None:
    catalogue.add("Ashbrook")
    server.unavailable = 1_000
    with pytest.raises(SearchUnreachableError, match="MEILISEARCH_URL did not respond"):
        index(with_server, catalogue)
    assert server.requests == 5
    assert issubclass(SearchUnreachableError, ExpectedError)


def test_a_server_that_is_not_meilisearch_is_reported_and_the_ingest_continues(
    with_server: Settings, server: Imitation, catalogue: Catalogue
) -> None:
    (key,) = catalogue.add("Ashbrook")
    server.page = b"<html>Welcome</html>"
    with pytest.raises(SearchServerError, match="is it a Meilisearch") as refused:
        index(with_server, catalogue)
    assert catalogue.row(key).indexed_at is None
    assert send_titles(with_server, catalogue.transactions, [key]) == str(refused.value)


def test_an_address_without_a_server_is_reported(settings: Settings, catalogue: Catalogue) -> None:
    nobody = settings.model_copy(update={"meilisearch_url": "http://127.0.0.1:9"})
    with pytest.raises(SearchUnreachableError):
        index(nobody, catalogue)


def test_a_rebuild_replaces_any_index(with_server: Settings, server: Imitation, catalogue: Catalogue) -> None:
    first, second, hidden = catalogue.add("Ashbrook", "Wexley", "Holt")
    index(with_server, catalogue)
    catalogue.transactions.in_session(contents.withdraw, [hidden])
    held = server.indexes["titles"]
    del held[str(first)]
    held[str(second)]["version"] = "old"
    server.indexes["titles_next"] = {"left by a killed run": {"id": "x", "title": "x"}}
    assert drift(with_server, catalogue.transactions, pause=SOON) == Drift(missing=1, surplus=1, stale=1)
    said = catalogue.reindex(with_server)
    assert (said.titles, said.drift) == (2, Drift(0, 0, 0))
    assert shown(server) == ["Ashbrook", "Wexley"]
    assert "titles_next" not in server.indexes
    assert index(with_server, catalogue).upserted == 0


def test_a_failed_rebuild_keeps_the_old_index(
    with_server: Settings, server: Imitation, catalogue: Catalogue
) -> None:
    catalogue.add("Ashbrook")
    index(with_server, catalogue)
    server.fails = "indexSwap"
    with pytest.raises(SearchServerError, match="no space left"):
        catalogue.reindex(with_server)
    assert shown(server) == ["Ashbrook"]


def test_documents_that_move_while_they_are_listed_do_not_block_forever(
    with_server: Settings, server: Imitation, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue.add("Ashbrook", "Wexley")
    index(with_server, catalogue)
    real = server._page
    monkeypatch.setattr(server, "_page", lambda name, _limit, _offset: real(name, 1, 0) | {"total": 3})
    assert drift(with_server, catalogue.transactions, pause=SOON) == Drift(missing=1, surplus=0, stale=0)


def test_a_server_that_lost_its_data_is_filled_again(
    with_server: Settings, server: Imitation, catalogue: Catalogue
) -> None:
    catalogue.add("Ashbrook", "Wexley")
    index(with_server, catalogue)
    server.indexes.clear()
    assert index(with_server, catalogue).upserted == 2
    assert shown(server) == ["Ashbrook", "Wexley"]


def test_the_searched_text_is_compared_with_the_titles_and_corrected(
    settings: Settings, catalogue: Catalogue
) -> None:
    """An older version described them differently, or a user changed the tables."""
    good, bad = catalogue.add("Ashbrook", "Birchwood")
    with catalogue.transactions.engine.begin() as connection:
        connection.execute(
            text("update contents set search_title = 'something', search_fields = '' where id = :key"),
            {"key": bad},
        )
        connection.execute(text("delete from search_words where word in ('ashbrook', 'birchwood')"))
    before = catalogue.row(good).updated_at
    made = catalogue.reindex(settings)
    assert (made.corrected, made.added) == (1, 2)
    assert "birchwood" in catalogue.row(bad).search_title
    assert catalogue.row(good).updated_at == before
    again = catalogue.reindex(settings)
    assert (again.corrected, again.added, again.words) == (0, 0, 0)

"""The commands with a Meilisearch: an ingest that cannot index, `reindex`, edits, and `doctor`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tasks.search import client
from tasks.search.index import settings as our_settings
from tests.cli.conftest import Command
from tests.plugins.ingest import Archive
from tests.search.fake_server import Imitation, imitation

DOCUMENTS = "documentAdditionOrUpdate"


@pytest.fixture
def server() -> Iterator[Imitation]:
    with imitation() as server:
        yield server


@pytest.fixture
def ingested(wsoptv: Command, server: Imitation, archive: Archive) -> Command:
    """Return the command with that server, after an ingest of one title."""
    wsoptv.more["MEILISEARCH_URL"] = server.url
    archive.put("WSOP 2031/WSOP 2031 Main Event Day 1A.mp4")
    found = wsoptv.json("ingest", "--no-prefect", str(archive.root), "--settle", "0")
    assert (found["programmes"], found["unindexed"]) == (1, None)
    return wsoptv


def check(wsoptv: Command, *, ok: bool) -> str:
    """Return what `doctor` reports about the server, and what to do."""
    checks = {one["name"]: one for one in wsoptv.json("doctor", code=0 if ok else 1)["checks"]}
    assert checks["meilisearch"]["ok"] is ok
    return f"{checks['meilisearch']['says']} {checks['meilisearch']['mend']}"


def test_a_lost_index_is_rebuilt_without_prefect(ingested: Command, server: Imitation) -> None:
    (held,) = server.indexes["titles"].values()
    server.indexes["titles"].clear()
    made = ingested.json("reindex", "--no-prefect")
    assert (made["titles"], made["drift"]) == (1, {"missing": 0, "surplus": 0, "stale": 0})
    assert list(server.indexes["titles"].values()) == [held]
    assert "1 titles in the new index" in ingested("reindex", "--no-prefect").stdout


def test_an_ingest_reports_an_index_that_is_out_of_date(
    ingested: Command, server: Imitation, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "STALL_SECONDS", 0.05)
    monkeypatch.setattr(client, "_LONGEST_PAUSE", 0.02)
    server.stalls = DOCUMENTS
    archive.put("WSOP 2031/WSOP 2031 Main Event Day 2.mp4")
    found = ingested.json("ingest", "--no-prefect", str(archive.root), "--settle", "0")
    assert found["programmes"] == 2
    assert "no progress" in found["unindexed"]
    said = ingested("ingest", "--no-prefect", str(archive.root), "--settle", "0")
    assert "the search index is out of date" in said.stdout


def test_edits_and_hidden_titles_are_sent_at_once(ingested: Command, server: Imitation) -> None:
    (key,) = server.indexes["titles"]
    ingested.json("edit", key, "title=Holt wins")
    assert "holt" in server.indexes["titles"][key]["search_title"]
    ingested.json("hide", key)
    assert server.indexes["titles"] == {}
    server.unavailable = 9
    assert "the next ingest sends it" in ingested("show", key).stderr


def test_doctor_searches_on_the_server(ingested: Command, server: Imitation) -> None:
    assert "1.50.0" in check(ingested, ok=True)
    server.settings["titles"] = our_settings((1, 50)) | {"rankingRules": ["words"]}
    assert "rankingRules" in check(ingested, ok=False)
    server.settings["titles"] = our_settings((1, 50)) | {"filterableAttributes": []}
    assert "reindex" in check(ingested, ok=False)
    server.key = "another"
    assert "MEILISEARCH_MASTER_KEY" in check(ingested, ok=False)
    server.key = None
    server.indexes.clear()
    assert "no index" in check(ingested, ok=False)
    ingested.more["MEILISEARCH_URL"] = "http://127.0.0.1:9"
    assert "start it" in check(ingested, ok=False)

"""The effects of an ingest and an edit on the search."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import replace

import pytest
from sqlalchemy import cast
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from catalog_models.tables import Actor, Content
from flows.ingest import index
from flows.job.context import JobContext, NoProgress, Notes
from orchestration.transactions import Transactions
from tasks.catalogue.edits import edit_title
from tests.plugins.ingest import Archive, Ingest, ingest_roots
from tests.search.fake_server import imitation


def found(ingest: Ingest, query: str) -> list[str]:
    has = Content.search_vector.bool_op("@@")(cast(query, TSQUERY))
    return [row.title for row in ingest.rows(Content, has, Content.is_visible)]


def test_titles_are_found_by_read_fields_and_by_edits(archive: Archive, ingest: Ingest) -> None:
    archive.put("WSOP 2031/WSOP 2031 Main Event Day 1A.mp4")
    ingest(archive.root)
    assert found(ingest, "main & event & day1a & '2031'") == ["WSOP 2031 Main Event – Day 1A"]
    (content,) = ingest.titles().values()
    ingest.settle(
        lambda work: edit_title(work, content.id, {"players": ["Ann Ashbrook"]}, (), Actor("tests"))
    )
    assert found(ingest, "ashbrook") == ["WSOP 2031 Main Event – Day 1A"]
    ingest.settle(lambda work: edit_title(work, content.id, {}, ["players"], Actor("tests")))
    assert found(ingest, "ashbrook") == []


def test_an_ingest_fills_the_search_server_and_continues_without_it(archive: Archive, ingest: Ingest) -> None:
    warned: list[str] = []

    class Listens(NoProgress):
        def warn(self, message: str) -> None:
            warned.append(message)

    with imitation() as server:
        served = replace(ingest, settings=ingest.settings.model_copy(update={"meilisearch_url": server.url}))
        archive.put("WSOP 2031/WSOP 2031 Main Event Day 1A.mp4")
        assert served(archive.root, Listens()).programmes == 1
        (held,) = server.indexes["titles"].values()
        assert (held["title"], held["year"]) == ("WSOP 2031 Main Event – Day 1A", 2031)
        archive.put("WSOP 2031/WSOP 2031 Main Event Day 2.mp4")
        server.fails = "documentAdditionOrUpdate"
        assert served(archive.root, Listens()).programmes == 2
        assert "no space left" in warned[0]
        server.fails = ""
        served(archive.root, Listens())
        assert len(server.indexes["titles"]) == 2


def test_a_failed_index_is_not_retried_for_each_root(archive: Archive, ingest: Ingest) -> None:
    roots: list[bytes] = []
    for name in ("one", "two"):
        archive.put(f"{name}/WSOP 2031 Main Event Day {len(roots)}.mp4")
        roots.append(bytes(archive.root / name))
    with imitation() as server:
        server.fails = "documentAdditionOrUpdate"
        settings = ingest.settings.model_copy(update={"meilisearch_url": server.url})
        place = JobContext(settings, Transactions(ingest.engine, ingest.events.append), ingest.pool)
        summary = ingest_roots(place, roots)
        assert (summary.new, server.statuses.count("failed")) == (2, 1)
        assert "no space left" in str(summary.unindexed)
        server.fails = ""
        assert ingest_roots(replace(place, notes=Notes()), roots).unindexed is None
        assert len(server.indexes["titles"]) == 2


def test_an_error_of_the_last_step_is_raised(
    archive: Archive, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The summary step only follows it, and would count the run as a success."""
    archive.put("WSOP 2031/WSOP 2031 Main Event Day 1A.mp4")
    real = index._shown

    def shown(session: Session, files: Collection[uuid.UUID] | None) -> list[uuid.UUID]:
        if files is None:
            raise ZeroDivisionError
        return real(session, files)

    monkeypatch.setattr(index, "_shown", shown)
    with pytest.raises(ZeroDivisionError):
        ingest(archive.root)

"""A person wins, twins are one programme, and new rules show what they change before they change it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from catalog_models.catalogue import Content, ContentOverride
from flows.jobs import titling
from flows.jobs.context import Workplace
from flows.jobs.editing import InvalidEditError, NoSuchTitleError, edit_title, parse_edit
from flows.jobs.ingest import regroup_all
from flows.jobs.titling import list_unsure, retitle
from orchestration.events import ContentUpdated
from orchestration.transactions import Transactions
from tasks.titles import Title, read_title
from tests.flows.conftest import Archive, Ingest


@pytest.fixture
def transactions(ingest: Ingest) -> Transactions:
    return Transactions(ingest.engine, ingest.events.append)


def test_twins_are_one_programme_and_the_one_that_plays_is_told(archive: Archive, ingest: Ingest) -> None:
    archive.put("WSOP 2031/Clean/WSOP 2031 Main Event Day 3_Clean.mp4")
    archive.put("WSOP 2031/PGM/WSOP 2031 Main Event Day 3_PGM.mp4")
    archive.put("WSOP 2031/MXFs/WSOP 2031 Main Event Day 3.mxf")
    assert ingest(archive.root).programmes == 1
    (content,) = ingest.titles().values()
    assert content.title == "WSOP 2031 Main Event – Day 3"
    assert content.file_path is not None
    assert content.file_path.endswith("_PGM.mp4")
    assert content.best_file_reason == "the best of 3 files: plays as it is, 576 lines, program cut"


def test_names_that_tell_no_programme_are_told_apart_by_their_roots(archive: Archive, ingest: Ingest) -> None:
    archive.put("one/Show/ep1.mp4")
    archive.put("two/Show/ep1.mp4")
    ingest(archive.root / "one")
    assert ingest(archive.root / "two").programmes == 2


def test_an_edited_field_survives_every_run(
    archive: Archive, ingest: Ingest, transactions: Transactions
) -> None:
    path = archive.put("WSOP 2031/WSOP 2031 Main Event Day 3.mp4")
    ingest(archive.root)
    (content,) = ingest.titles().values()
    edits = {"title": "The day it rained", "year": 2030, "players": ["Ash", "Birch"], "day": None}
    named = transactions.run(lambda work: edit_title(work, content.id, edits, (), "ann"))
    assert named == "The day it rained"
    assert ContentUpdated(content.id) in ingest.events
    path.rename(path.with_name("WSOP 2031 Main Event Day 4.mp4"))
    ingest(archive.root)
    ingest(archive.root, full=True)
    (after,) = ingest.rows(Content, Content.is_visible)
    assert (after.id, after.title, after.short_title) == (
        content.id,
        "The day it rained",
        "The day it rained",
    )
    assert (after.year, after.players, after.day) == (2030, ["Ash", "Birch"], None)
    assert {row.edited_by for row in ingest.rows(ContentOverride)} == {"ann"}
    again = transactions.run(lambda work: edit_title(work, content.id, {}, ("title", "day"), "ann"))
    assert again == "WSOP 2031 Main Event – Day 4"
    (undone,) = ingest.rows(Content, Content.is_visible)
    assert (undone.day, undone.year) == ("4", 2030)


def test_edits_are_checked(ingest: Ingest, transactions: Transactions) -> None:
    assert parse_edit("buy_in", "10000") == 10_000
    assert parse_edit("players", "Ash, Birch") == ["Ash", "Birch"]
    assert parse_edit("stage", " ") is None
    for field, text in (
        ("buy_in", "ten"),
        ("stage", "semi"),
        ("date", "1.2.2031"),
        ("title", ""),
        ("id", "x"),
    ):
        with pytest.raises(InvalidEditError, match=field):
            parse_edit(field, text)
    with pytest.raises(NoSuchTitleError, match="no title with the id"):
        transactions.run(lambda work: edit_title(work, uuid.uuid4(), {}, (), "ann"))


@pytest.fixture
def new_rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Rules of a later version: what was Day 3 is read as Day 9 now."""

    def read(path: str) -> Title:
        return read_title(path.replace("Day 3", "Day 9"))

    monkeypatch.setattr(titling, "read_title", read)
    yield


def test_new_rules_show_what_they_change_before_they_do(
    archive: Archive, ingest: Ingest, transactions: Transactions, new_rules: None
) -> None:
    with pytest.MonkeyPatch.context() as old:
        old.setattr(titling, "read_title", read_title)
        archive.put("WSOP 2031 Main Event Day 3.mp4")
        archive.put("WSOP 2031 Main Event Day 4.mp4")
        ingest(archive.root)
    before = {row.id: row.title for row in ingest.rows(Content)}
    found = retitle(transactions, apply=False)
    assert (found.files, found.changed, found.retitled, found.regrouped) == (2, 1, 1, 1)
    assert found.samples[0].after == "WSOP 2031 Main Event – Day 9"
    assert {row.id: row.title for row in ingest.rows(Content)} == before
    retitle(transactions, apply=True)
    regroup_all(Workplace(ingest.settings, transactions, ingest.pool))
    after = {row.id: row.title for row in ingest.rows(Content)}
    assert after.keys() == before.keys()
    assert sorted(after.values()) == ["WSOP 2031 Main Event – Day 4", "WSOP 2031 Main Event – Day 9"]
    assert retitle(transactions, apply=False).changed == 0


def test_what_is_unsure_is_listed_until_a_person_names_it(
    archive: Archive, ingest: Ingest, transactions: Transactions
) -> None:
    archive.put("odd/take two.mp4")
    archive.put("WSOP 2031 Main Event Day 3.mp4")
    ingest(archive.root)
    review = transactions.run(lambda work: list_unsure(work.session, 10, 0))
    assert [(row.title, row.path) for row in review.items] == [("take two", "odd/take two.mp4")]
    (row,) = ingest.rows(Content, Content.title == "take two")
    transactions.run(lambda work: edit_title(work, row.id, {"title": "Take Two"}, (), "ann"))
    assert transactions.run(lambda work: list_unsure(work.session, 10, 0)).total == 0

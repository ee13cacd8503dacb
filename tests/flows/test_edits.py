"""Edits by moderators win over every ingest: fields, hidden titles and confirmed names."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from catalog_models.reads.review_lists import list_uncertain
from catalog_models.tables import AuditEntry, Content, ContentOverride
from orchestration.events import ContentDeleted, ContentUpdated
from tasks.catalogue.edits import confirm_title, edit_title, hide_title, show_title
from tasks.catalogue.fields import InvalidEditError, check_edit, parse_edit
from tasks.catalogue.title_lookup import NoSuchTitleError
from tests.plugins.ingest import ANN, Archive, Ingest


def only_title(ingest: Ingest) -> Content:
    (content,) = ingest.rows(Content)
    assert isinstance(content, Content)
    return content


def test_an_edited_field_survives_every_run(archive: Archive, ingest: Ingest) -> None:
    path = archive.put("WSOP 2031/WSOP 2031 Main Event Day 3.mp4")
    ingest(archive.root)
    content = only_title(ingest)
    edits = {"title": "The day it rained", "year": 2030, "players": ["Ash", "Birch"], "day": None}
    named = ingest.settle(lambda work: edit_title(work, content.id, edits, (), ANN))
    assert (named.content_id, named.title) == (content.id, "The day it rained")
    assert ingest.events == [ContentUpdated(content.id)]
    path.rename(path.with_name("WSOP 2031 Main Event Day 4.mp4"))
    ingest(archive.root)
    ingest(archive.root, full=True)
    after = only_title(ingest)
    assert (after.title, after.short_title) == ("The day it rained", "The day it rained")
    assert (after.year, after.players, after.day) == (2030, ["Ash", "Birch"], None)
    assert {row.edited_by for row in ingest.rows(ContentOverride)} == {"ann"}
    again = ingest.settle(lambda work: edit_title(work, content.id, {}, ("title", "day"), ANN))
    assert again.title == "WSOP 2031 Main Event – Day 4"
    undone = only_title(ingest)
    assert (undone.day, undone.year) == ("4", 2030)
    noted = [(row.actor, row.action, row.target_id, row.details) for row in ingest.rows(AuditEntry)]
    about = ("ann", "content.edited", str(content.id))
    assert noted == [
        (*about, {"edits": edits, "undo": []}),
        (*about, {"edits": {}, "undo": ["title", "day"]}),
    ]


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("buy_in", 10_000, 10_000),
        ("year", None, None),
        ("date", "2031-07-04", "2031-07-04"),
        ("players", ["Ash", " Birch "], ["Ash", "Birch"]),
        ("hands", ["AsKs", None], ["AsKs", None]),
        ("description", " ", None),
        ("event_name", "Cafe\u0301", "Café"),
    ],
)
def test_json_values_are_stored(field: str, value: Any, kept: Any) -> None:
    assert check_edit(field, value) == kept


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("year", "2031"),
        ("year", True),
        ("year", 2031.5),
        ("year", -1),
        ("buy_in", 10**30),
        ("players", "Ash"),
        ("players", [None]),
        ("players", ["x"] * 101),
        ("date", 20310704),
        ("date", "4.7.2031"),
        ("stage", "semi"),
        ("title", None),
        ("title", ["x"]),
        ("title", "x" * 501),
        ("description", "a\0b"),
        ("event_name", "\ud800"),
        ("id", "x"),
        ("hidden", True),
    ],
)
def test_an_invalid_value_is_refused_with_the_field_name(field: str, value: Any) -> None:
    with pytest.raises(InvalidEditError, match=field) as refused:
        check_edit(field, value)
    str(refused.value).encode()


def test_texts_from_the_command_line_mean_the_same_values() -> None:
    assert parse_edit("buy_in", "10000") == 10_000
    assert parse_edit("players", "Ash, Birch,") == ["Ash", "Birch"]
    assert parse_edit("stage", " ") is None
    for field, text in (("buy_in", "ten"), ("buy_in", "9" * 5_000), ("title", ""), ("date", "1.2.2031")):
        with pytest.raises(InvalidEditError, match=field):
            parse_edit(field, text)


def test_an_invalid_edit_changes_nothing(archive: Archive, ingest: Ingest) -> None:
    archive.put("WSOP 2031 Main Event Day 3.mp4")
    ingest(archive.root)
    content = only_title(ingest)
    with pytest.raises(InvalidEditError, match="nonsense"):
        ingest.settle(lambda work: edit_title(work, content.id, {"year": 2030}, ["nonsense"], ANN))
    with pytest.raises(NoSuchTitleError, match="no title with the id"):
        ingest.settle(lambda work: edit_title(work, uuid.uuid4(), {"year": 2030}, (), ANN))
    assert only_title(ingest).year == 2031
    assert not ingest.rows(ContentOverride)


def test_the_longest_title_is_stored(archive: Archive, ingest: Ingest) -> None:
    archive.put("WSOP 2031 Main Event Day 3.mp4")
    ingest(archive.root)
    content = only_title(ingest)
    # Four bytes each, all different.
    longest = "".join(chr(0x20000 + 37 * number) for number in range(500))
    named = ingest.settle(lambda work: edit_title(work, content.id, {"title": longest}, (), ANN))
    assert named.title == longest


def test_a_hidden_title_stays_hidden_until_it_is_shown(archive: Archive, ingest: Ingest) -> None:
    path = archive.put("WSOP 2031/WSOP 2031 Main Event Day 3.mp4")
    archive.put("WSOP 2031/WSOP 2031 Main Event Day 5.mp4")
    ingest(archive.root)
    content = ingest.titles()["WSOP 2031 Main Event – Day 3"]
    ingest.settle(lambda work: hide_title(work, content.id, ANN))
    assert ingest.events == [ContentDeleted(content.id)]
    assert content.title not in ingest.titles()
    # A twin arrives.
    archive.put("WSOP 2031/Clean/WSOP 2031 Main Event Day 3_Clean.mp4")
    ingest(archive.root, full=True)
    aside = path.rename(archive.root.with_name("aside.mp4"))
    # The twin is removed.
    ingest(archive.root)
    aside.rename(path.with_name("WSOP 2031 Main Event Day 3 again.mp4"))
    # The twin returns under another name.
    ingest(archive.root)
    assert list(ingest.titles()) == ["WSOP 2031 Main Event – Day 5"]
    ingest.settle(lambda work: show_title(work, content.id, ANN))
    assert ingest.events == [ContentUpdated(content.id)]
    assert {row.id for row in ingest.titles().values()} >= {content.id}


def test_a_confirmed_title_leaves_the_review_list_permanently(archive: Archive, ingest: Ingest) -> None:
    path = archive.put("odd/take two.mp4")
    archive.put("odd/take one.mp4")
    archive.put("WSOP 2031 Main Event Day 3.mp4")
    ingest(archive.root)

    def unsure() -> list[tuple[str, str | None, str | None]]:
        with ingest.session() as session:
            return [(row.title, row.root, row.path) for row in list_uncertain(session, 10).items]

    root = str(archive.root)
    assert unsure() == [("take one", root, "odd/take one.mp4"), ("take two", root, "odd/take two.mp4")]
    two, one = ingest.titles()["take two"], ingest.titles()["take one"]
    assert ingest.settle(lambda work: confirm_title(work, two.id, ANN)).title == "take two"
    ingest.settle(lambda work: edit_title(work, one.id, {"title": "Take One"}, (), ANN))
    path.rename(path.with_name("take 2.mp4"))
    ingest(archive.root, full=True)
    assert unsure() == []
    assert {"take two", "Take One"} < set(ingest.titles())
    assert {row.edited_by for row in ingest.rows(ContentOverride)} == {"ann"}

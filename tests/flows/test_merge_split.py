"""Merged and split titles stay so, whatever an ingest reads."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from catalog_models.reads.due_files import ClaimOptions
from catalog_models.tables import Content, ContentView, Hand, MediaFile, User, WatchlistEntry, WatchProgress
from catalog_models.values import Stage
from catalog_models.writes import file_claims
from flows.generate_titles import retitle
from flows.ingest import titles as titling
from flows.ingest.titles import TitleDiff
from flows.job.context import JobContext
from flows.job.executor import run_in_threads
from orchestration.events import ContentCreated, ContentDeleted, ContentUpdated, ProgressSaved
from orchestration.transactions import Transactions
from tasks.catalogue.edits import edit_title, hide_title
from tasks.catalogue.merge_split import InvalidGroupingError, merge_titles, split_title
from tasks.catalogue.title_lookup import NoSuchTitleError
from tasks.titles import Title, read_title
from tests.plugins.ingest import ANN, Archive, Ingest

DAY3, DAY4 = "WSOP 2031 Main Event – Day 3", "WSOP 2031 Main Event – Day 4"


def files_by_title(ingest: Ingest) -> dict[str, list[str]]:
    """Return the shown titles, and the names of the present files of each."""
    shown = {}
    for title in ingest.titles().values():
        where = (MediaFile.content_id == title.id, MediaFile.missing_since.is_(None))
        shown[title.title] = sorted(Path(row.path_text).name for row in ingest.rows(MediaFile, *where))
    return shown


def merge(ingest: Ingest, survivor: str, *others: str) -> uuid.UUID:
    titles = ingest.titles()
    ids = [titles[name].id for name in others]
    return ingest.settle(lambda work: merge_titles(work, titles[survivor].id, ids, ANN)).content_id


def split(ingest: Ingest, title: str, *paths: str) -> uuid.UUID:
    content_id, files = ingest.titles()[title].id, [ingest.file(path).id for path in paths]
    return ingest.settle(lambda work: split_title(work, content_id, files, ANN)).content_id


@pytest.fixture
def apply_new_rules(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> Callable[[], TitleDiff]:
    """Apply rules of a later version, which read all days and keys differently."""

    def read(path: str) -> Title:
        title = read_title(path.replace("Day", "Day 1"))
        return dataclasses.replace(title, content_key=f"new|{title.content_key}")

    def apply() -> TitleDiff:
        monkeypatch.setattr(titling, "read_title", read)
        transactions = Transactions(ingest.engine, ingest.events.append)
        context = JobContext(ingest.settings, transactions, ingest.pool)
        return run_in_threads(context, lambda steps: retitle(steps, apply=True))

    return apply


def test_merged_titles_stay_merged_whatever_an_ingest_reads(
    archive: Archive, ingest: Ingest, apply_new_rules: Callable[[], TitleDiff]
) -> None:
    day3 = archive.put("WSOP 2031 Main Event Day 3.mkv")
    day4 = archive.put("WSOP 2031 Main Event Day 4.mp4")
    archive.put("WSOP 2031 Main Event Day 5.mp4")
    ingest(archive.root)
    before = ingest.titles()
    survivor = merge(ingest, DAY3, DAY4)
    assert survivor == before[DAY3].id
    assert {ContentUpdated(survivor), ContentDeleted(before[DAY4].id)} <= set(ingest.events)
    both = [day3.name, day4.name]
    expected = {DAY3: both, "WSOP 2031 Main Event – Day 5": ["WSOP 2031 Main Event Day 5.mp4"]}
    assert files_by_title(ingest) == expected
    # This file plays as it is.
    assert ingest.titles()[DAY3].file_path == day4.name
    ingest(archive.root, full=True)
    assert files_by_title(ingest) == expected
    day3 = day3.rename(day3.with_name("WSOP 2031 Main Event Day 6.mkv"))
    day4 = day4.rename(day4.with_name("WSOP 2031 Main Event Day 5_Clean.mp4"))
    ingest(archive.root)
    both = sorted([day3.name, day4.name])
    assert files_by_title(ingest) == {**expected, DAY3: both}
    aside = day4.rename(archive.root.with_name("aside.mp4"))
    ingest(archive.root)
    assert files_by_title(ingest) == {**expected, DAY3: [day3.name]}
    aside.rename(day4)
    ingest(archive.root)
    assert files_by_title(ingest) == {**expected, DAY3: both}
    # The title of day 5.
    assert apply_new_rules().regrouped == 1
    assert files_by_title(ingest)[DAY3] == both
    assert ingest.titles()[DAY3].id == survivor


def test_later_twins_join_the_merged_title(
    archive: Archive, ingest: Ingest, apply_new_rules: Callable[[], TitleDiff]
) -> None:
    archive.put("WSOP 2031 Main Event Day 3.mp4")
    archive.put("WSOP 2031 Main Event Day 4.mp4")
    ingest(archive.root)
    survivor = merge(ingest, DAY3, DAY4)
    archive.put("more/WSOP 2031 Main Event Day 3_Clean.mp4")
    archive.put("more/WSOP 2031 Main Event Day 4_Clean.mp4")
    ingest(archive.root)
    assert [len(files) for files in files_by_title(ingest).values()] == [4]
    apply_new_rules()
    archive.put("more/WSOP 2031 Main Event Day 4_PGM.mp4")
    ingest(archive.root)
    ((name, files),) = files_by_title(ingest).items()
    assert (name, len(files)) == (DAY3, 5)
    assert ingest.titles()[DAY3].id == survivor


def test_watch_positions_move_to_the_merged_title(archive: Archive, ingest: Ingest) -> None:
    for day in (3, 4, 5):
        archive.put(f"WSOP 2031 Main Event Day {day}.mp4")
    ingest(archive.root)
    three, four, five = (title.id for _name, title in sorted(ingest.titles().items()))
    early, late = dt.datetime(2031, 7, 1, tzinfo=dt.UTC), dt.datetime(2031, 7, 2, tzinfo=dt.UTC)
    with ingest.session() as session, session.begin():
        fields = [{"email": name, "username": name, "password_hash": name} for name in ("ann", "bob", "cid")]
        ann, bob, cid = (User(**field) for field in fields)
        session.add_all([ann, bob, cid])
        session.flush()
        people = {ann.id: "ann", bob.id: "bob", cid.id: "cid"}
        for user, title, seconds, at in (
            (ann, three, 1, early),
            (ann, four, 2, late),
            (bob, three, 3, late),
            (bob, four, 4, early),
            (cid, four, 5, early),
            (cid, five, 6, late),
        ):
            session.add(
                WatchProgress(user_id=user.id, content_id=title, progress_seconds=seconds, updated_at=at)
            )
        session.add_all([ContentView(content_id=title) for title in (three, four, five)])
        for title in (four, five):
            session.add(Hand(content_id=title, hand_index=0, start_seconds=1, end_seconds=title.int % 7 + 2))
    ingest.settle(lambda work: merge_titles(work, three, [four, five], ANN))
    with ingest.session() as session:
        progress = {people[row.user_id]: row.progress_seconds for row in session.query(WatchProgress)}
        assert {row.content_id for row in session.query(WatchProgress)} == {three}
    assert progress == {"ann": 2, "bob": 3, "cid": 6}
    saved = {people[event.user_id] for event in ingest.events if isinstance(event, ProgressSaved)}
    assert saved == {"ann", "cid"}
    assert [row.content_id for row in ingest.rows(ContentView)] == [three] * 3
    hands = {row.content_id: row.end_seconds for row in ingest.rows(Hand)}
    assert hands == {three: four.int % 7 + 2, five: five.int % 7 + 2}


def test_lists_and_watched_titles_move_to_the_merged_title(archive: Archive, ingest: Ingest) -> None:
    for day in (3, 4, 5):
        archive.put(f"WSOP 2031 Main Event Day {day}.mp4")
    ingest(archive.root)
    three, four, five = (title.id for _name, title in sorted(ingest.titles().items()))
    early, late = dt.datetime(2031, 7, 1, tzinfo=dt.UTC), dt.datetime(2031, 7, 2, tzinfo=dt.UTC)
    with ingest.session() as session, session.begin():
        fields = [{"email": name, "username": name, "password_hash": name} for name in ("ann", "bob")]
        ann, bob = (User(**field) for field in fields)
        session.add_all([ann, bob])
        session.flush()
        people = {ann.id: "ann", bob.id: "bob"}
        for user, title, at in (
            (ann, four, early),
            (ann, five, late),
            (bob, three, early),
            (bob, four, late),
        ):
            session.add(WatchlistEntry(user_id=user.id, content_id=title, added_at=at))
        for user, title, seconds, watched_at, at in (
            (ann, three, 1, None, late),
            (ann, four, 2, early, early),
            (bob, four, 3, late, early),
            (bob, five, 4, None, late),
        ):
            session.add(
                WatchProgress(
                    user_id=user.id,
                    content_id=title,
                    progress_seconds=seconds,
                    watched_at=watched_at,
                    updated_at=at,
                )
            )
    ingest.settle(lambda work: merge_titles(work, three, [four, five], ANN))
    with ingest.session() as session:
        entries = session.query(WatchlistEntry).all()
        listed = {people[row.user_id]: (row.content_id, row.added_at) for row in entries}
        assert (len(entries), listed) == (2, {"ann": (three, late), "bob": (three, early)})
        progress = {
            people[row.user_id]: (row.progress_seconds, row.watched_at, row.updated_at)
            for row in session.query(WatchProgress)
        }
    assert progress == {"ann": (1, early, late), "bob": (4, late, late)}


def test_a_merged_title_keeps_its_name(archive: Archive, ingest: Ingest) -> None:
    """Even if the name of another file has more information."""
    archive.put("odd/take two.mp4")
    archive.put("WSOP 2031 Main Event Day 3.mp4")
    ingest(archive.root)
    survivor = merge(ingest, "take two", DAY3)
    ingest(archive.root, full=True)
    (content,) = ingest.titles().values()
    assert (content.id, content.title, content.year, content.day) == (survivor, "take two", None, None)
    undone = ingest.settle(lambda work: edit_title(work, survivor, {}, ["title", "short_title", "day"], ANN))
    assert undone.title == DAY3


def test_a_title_merged_into_another_no_longer_exists(archive: Archive, ingest: Ingest) -> None:
    archive.put("WSOP 2031 Main Event Day 3.mp4")
    archive.put("WSOP 2031 Main Event Day 4.mp4")
    ingest(archive.root)
    three, four = (title.id for _name, title in sorted(ingest.titles().items()))
    ingest.settle(lambda work: merge_titles(work, three, [four], ANN))
    with pytest.raises(NoSuchTitleError, match=f"merged into {three}"):
        ingest.settle(lambda work: edit_title(work, four, {"year": 2030}, (), ANN))
    for survivor, others in ((three, []), (three, [three]), (three, [four])):
        with pytest.raises((InvalidGroupingError, NoSuchTitleError)):
            ingest.settle(lambda work, to=survivor, of=others: merge_titles(work, to, of, ANN))  # type: ignore[misc]


def test_concurrent_merges_in_a_circle_do_not_deadlock(archive: Archive, ingest: Ingest) -> None:
    for day in range(1, 9):
        archive.put(f"WSOP 2031 Main Event Day {day}.mp4")
    ingest(archive.root)
    ids = sorted(title.id for title in ingest.titles().values())

    def merge_with_next(place: int) -> None:
        with suppress(NoSuchTitleError), Session(ingest.engine) as work, work.begin():
            merge_titles(work, ids[place], [ids[place - 1]], ANN)

    with ThreadPoolExecutor(len(ids)) as threads:
        list(threads.map(merge_with_next, range(len(ids))))
    assert sum(map(len, files_by_title(ingest).values())) == len(ids)


def test_split_files_stay_split_whatever_an_ingest_reads(
    archive: Archive, ingest: Ingest, apply_new_rules: Callable[[], TitleDiff]
) -> None:
    archive.put("WSOP 2031 Main Event Day 3.mp4")
    clean = archive.put("Clean/WSOP 2031 Main Event Day 3_Clean.mp4")
    ingest(archive.root)
    old = ingest.titles()[DAY3].id
    new = split(ingest, DAY3, "Clean/WSOP 2031 Main Event Day 3_Clean.mp4")
    assert {ContentCreated(new), ContentUpdated(old)} <= set(ingest.events)
    ingest.settle(lambda work: edit_title(work, new, {"title": "Day 3, another table"}, (), ANN))

    def expect(renamed: Path, *others: str) -> None:
        first = ingest.rows(Content, Content.id == old)[0].title
        together = ["WSOP 2031 Main Event Day 3.mp4", *others]
        assert files_by_title(ingest) == {first: together, "Day 3, another table": [renamed.name]}
        assert ingest.titles()["Day 3, another table"].id == new

    expect(clean)
    ingest(archive.root, full=True)
    expect(clean)
    # A twin of both names: the split one has none.
    archive.put("more/WSOP 2031 Main Event Day 3_PGM.mp4")
    ingest(archive.root)
    expect(clean, "WSOP 2031 Main Event Day 3_PGM.mp4")
    clean = clean.rename(clean.with_name("WSOP 2031 Main Event Day 3 (1).mp4"))
    ingest(archive.root)
    expect(clean, "WSOP 2031 Main Event Day 3_PGM.mp4")
    aside = clean.rename(archive.root.with_name("aside.mp4"))
    ingest(archive.root)
    assert list(files_by_title(ingest)) == [DAY3]
    aside.rename(clean)
    ingest(archive.root)
    expect(clean, "WSOP 2031 Main Event Day 3_PGM.mp4")
    apply_new_rules()
    expect(clean, "WSOP 2031 Main Event Day 3_PGM.mp4")


def test_each_title_gets_pictures_in_the_first_opening(archive: Archive, ingest: Ingest) -> None:
    """One twin gets pictures, each split title gets its own, and merged titles get one set."""
    archive.put("WSOP 2031 Main Event Day 3.mp4")
    archive.put("Clean/WSOP 2031 Main Event Day 3_Clean.mp4")
    archive.put("WSOP 2031 Main Event Day 4.mp4")
    ingest(archive.root)

    def leaders() -> list[str]:
        with ingest.session() as session:
            session.execute(update(MediaFile).values(metadata_at=None))
            wanted = ClaimOptions("ann", dt.timedelta(seconds=9))
            claimed = file_claims.claim(session, Stage.METADATA, None, wanted, 10)
            return [Path(os.fsdecode(file.path)).name for file in claimed if file.likely_best]

    assert leaders() == ["WSOP 2031 Main Event Day 3.mp4", "WSOP 2031 Main Event Day 4.mp4"]
    split(ingest, DAY3, "Clean/WSOP 2031 Main Event Day 3_Clean.mp4")
    assert len(leaders()) == 3
    merge(ingest, DAY4, DAY3)
    assert len(leaders()) == 2


def test_a_split_leaves_a_file_and_takes_only_files_of_the_title(archive: Archive, ingest: Ingest) -> None:
    clean = "Clean/WSOP 2031 Main Event Day 3_Clean.mp4"
    path = archive.put("WSOP 2031 Main Event Day 3.mp4")
    archive.put(clean)
    archive.put("WSOP 2031 Main Event Day 4.mp4")
    ingest(archive.root)
    with pytest.raises(InvalidGroupingError, match="leave one"):
        split(ingest, DAY3, clean, path.name)
    with pytest.raises(InvalidGroupingError, match="not a file of this title"):
        split(ingest, DAY3, "WSOP 2031 Main Event Day 4.mp4")
    with pytest.raises(InvalidGroupingError, match="name the files"):
        split(ingest, DAY3)
    path.unlink()
    ingest(archive.root)
    # The other file is missing.
    with pytest.raises(InvalidGroupingError, match="leave one"):
        split(ingest, DAY3, clean)
    assert len(ingest.rows(Content)) == 2


def test_a_title_split_off_a_hidden_title_is_hidden(archive: Archive, ingest: Ingest) -> None:
    archive.put("WSOP 2031 Main Event Day 3.mp4")
    archive.put("Clean/WSOP 2031 Main Event Day 3_Clean.mp4")
    ingest(archive.root)
    old = ingest.titles()[DAY3].id
    ingest.settle(lambda work: hide_title(work, old, ANN))
    file = ingest.file("Clean/WSOP 2031 Main Event Day 3_Clean.mp4").id
    ingest.settle(lambda work: split_title(work, old, [file], ANN))
    ingest(archive.root, full=True)
    assert files_by_title(ingest) == {}


def test_split_titles_can_be_merged_and_merged_titles_split(archive: Archive, ingest: Ingest) -> None:
    archive.put("WSOP 2031 Main Event Day 3.mp4")
    archive.put("Clean/WSOP 2031 Main Event Day 3_Clean.mp4")
    archive.put("WSOP 2031 Main Event Day 4.mp4")
    ingest(archive.root)
    new = split(ingest, DAY3, "Clean/WSOP 2031 Main Event Day 3_Clean.mp4")
    ingest.settle(lambda work: edit_title(work, new, {"title": "Another"}, (), ANN))
    merge(ingest, "Another", DAY4)
    archive.put("more/WSOP 2031 Main Event Day 4_PGM.mp4")
    ingest(archive.root, full=True)
    clean, four = "WSOP 2031 Main Event Day 3_Clean.mp4", "WSOP 2031 Main Event Day 4.mp4"
    fours = [four, "WSOP 2031 Main Event Day 4_PGM.mp4"]
    assert files_by_title(ingest) == {DAY3: ["WSOP 2031 Main Event Day 3.mp4"], "Another": [clean, *fours]}
    split(ingest, "Another", four)
    ingest(archive.root, full=True)
    assert files_by_title(ingest)[DAY4] == [four]
    merge(ingest, DAY3, "Another")
    ingest(archive.root, full=True)
    assert len(files_by_title(ingest)[DAY3]) == 3

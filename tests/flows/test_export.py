"""An export restores everything that no ingest could: it survives the loss of the whole installation."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from catalog_models.engine import make_engine
from catalog_models.tables import (
    ContentView,
    Hand,
    MediaFile,
    User,
    UserPreferences,
    WatchlistEntry,
    WatchProgress,
)
from deployments.stack import Stack
from flows.job.context import JobContext
from flows.job.executor import Executor, run_in_threads
from flows.upkeep.export import KEPT, Destination, Exported, choose_folder, write_catalogue
from flows.upkeep.restore import restore
from orchestration.transactions import Transactions
from tasks.catalogue.edits import edit_title
from tasks.export.chapters import chapters
from tasks.export.folder import ExportUnusableError
from tests.flows.conftest import Fill
from tests.plugins.ingest import ANN, Archive, Ingest
from tests.plugins.servers import Administer, fresh_database

NOW = dt.datetime(2031, 7, 1, 20, 15, tzinfo=dt.UTC)


@pytest.fixture
def source(filled: Fill, ingest: Ingest) -> Ingest:
    """Return an ingest of titles with edits, hands, watch positions and users."""
    filled("WSOP 2031 Main Event Day 1.mp4", "WSOP 2031 Main Event Day 2.mp4", b"WSOP 2031 \xff odd.mp4")
    first = next(title for name, title in ingest.titles().items() if name.endswith("Day 1"))
    ingest.settle(lambda session: edit_title(session, first.id, {"title": "The One with the Bluff"}, (), ANN))
    with ingest.session() as session, session.begin():
        person = User(email="ann@example.com", username="ann", password_hash="$2b$hash", role="admin")
        session.add(person)
        session.flush()
        session.add(
            Hand(
                content_id=first.id,
                hand_index=1,
                start_seconds=1.5,
                end_seconds=61.25,
                players=["Ann", "Bob"],
                is_best=True,
            )
        )
        session.add(
            WatchProgress(user_id=person.id, content_id=first.id, progress_seconds=1.25, dismissed_at=NOW)
        )
        session.add(WatchlistEntry(user_id=person.id, content_id=first.id, added_at=NOW))
        session.add(
            UserPreferences(user_id=person.id, chosen={"theme": "light", "filters": [{"name": "결승전"}]})
        )
        session.add(ContentView(user_id=person.id, content_id=first.id))
    return ingest


@pytest.fixture
def target(stack: Stack, administer: Administer, template: str, source: Ingest) -> Iterator[Ingest]:
    """Return an ingest with an empty database."""
    with fresh_database(stack, administer, template) as url:
        engine = make_engine(url)
        yield Ingest(source.settings, engine, source.pool)
        engine.dispose()


def transactions(ingest: Ingest) -> Transactions:
    return Transactions(ingest.engine, ingest.events.append)


def export(ingest: Ingest, folder: Path | None = None) -> Exported:
    """Run the job of the flow without Prefect."""
    from flows.export_catalogue import export as job

    context = JobContext(ingest.settings, transactions(ingest), ingest.pool)
    return run_in_threads(context, lambda steps: job(steps, folder))


def known(engine: Engine) -> dict[str, Any]:
    """Return everything that an export must preserve."""
    with engine.connect() as connection:
        return {
            name: sorted(tuple(row) for row in connection.execute(text(query)))
            for name, query in {
                "titles": "select id::text, title, status, is_visible from contents",
                "hands": "select content_id::text, start_seconds, players::text, is_best from hands",
                "progress": "select user_id::text, content_id::text, progress_seconds, dismissed_at::text from watch_progress",
                "watchlist": "select user_id::text, content_id::text, added_at::text from watchlist",
                "preferences": "select user_id::text, chosen::text from user_preferences",
                "users": "select id::text, email, role, password_hash from users",
                "views": "select content_id::text, viewed_at::text from content_views",
                "edits": "select content_id::text, field, value::text from content_overrides",
                "files": "select id::text, encode(fingerprint, 'hex'), content_id::text from media_files",
            }.items()
        }


def test_everything_is_restored_although_the_archive_moved(
    source: Ingest, target: Ingest, archive: Archive, tmp_path: Path
) -> None:
    done = export(source, tmp_path / "out")
    assert (done.rows["titles"], done.rows["hands"], done.chapters) == (3, 1, 1)
    before = known(source.engine)
    assert restore(transactions(target), tmp_path / "out").rows == done.rows
    assert known(target.engine) == before
    moved = tmp_path / "another mount"
    archive.root.rename(moved)
    for path in moved.iterdir():
        path.touch()
    summary = target(moved)
    assert (summary.moved, summary.new, summary.missing) == (3, 0, 0)
    assert known(target.engine) == before
    assert all(file.thumbnails_at for file in target.rows(MediaFile)), "pictures are made again"
    with target.engine.connect() as connection:
        found = connection.scalar(text("select count(*) from search_words where word = 'bluff'"))
    assert found == 1, "a search with a typing error finds it"


def test_an_export_without_lists_and_preferences_is_restored(
    source: Ingest, target: Ingest, tmp_path: Path
) -> None:
    """Versions before migration 0021 wrote no such files, and fewer columns of the progress."""
    folder = tmp_path / "out"
    export(source, folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in ("watchlist.jsonl", "preferences.jsonl"):
        (folder / name).unlink()
        del manifest["files"][name]
    progress = json.loads((folder / "progress.jsonl").read_text())
    del progress["watched_at"], progress["dismissed_at"]
    line = json.dumps(progress)
    (folder / "progress.jsonl").write_text(line)
    manifest["files"]["progress.jsonl"]["sha256"] = hashlib.sha256(line.encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest | {"schema": "0018"}))
    rows = restore(transactions(target), folder).rows
    assert (rows["progress"], rows["watchlist"], rows["preferences"]) == (1, 0, 0)


def test_lines_identify_files_by_their_fingerprints(source: Ingest, tmp_path: Path) -> None:
    export(source, tmp_path / "out")
    hand = json.loads((tmp_path / "out/hands.jsonl").read_text())
    (mark,) = hand["_fingerprints"]
    (file,) = [row for row in source.rows(MediaFile) if row.fingerprint.hex() == mark]
    assert "Day 1" in file.path_text
    cues = (tmp_path / f"out/chapters/{mark}.vtt").read_text()
    assert cues == "WEBVTT\n\n1\n00:00:01.500 --> 00:01:01.250\nHand 1: Ann – Bob\n"
    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "out").rglob("*")}
    assert modes == {0}, "it contains hashes of passwords"


def _cut(folder: Path) -> None:
    path = folder / "titles.jsonl"
    path.write_bytes(path.read_bytes()[:-20])


def _newer(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"schema": "', '"schema": "9'))


def _no_json(folder: Path) -> None:
    (folder / "manifest.json").write_text("{")


def _gone(folder: Path) -> None:
    (folder / "hands.jsonl").unlink()


def _outside(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace("hands.jsonl", "../hands.jsonl"))


def _all_gone(folder: Path) -> None:
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (_cut, "does not match the manifest"),
        (_newer, "newer version"),
        (_no_json, "is damaged"),
        (_gone, "cannot read"),
        (_outside, "outside the folder"),
        (_all_gone, "is not an export"),
    ],
)
def test_a_damaged_export_changes_nothing(
    source: Ingest, target: Ingest, tmp_path: Path, damage: Any, says: str
) -> None:
    folder = tmp_path / "out"
    export(source, folder)
    damage(folder)
    with pytest.raises(ExportUnusableError, match=says):
        restore(transactions(target), folder)
    assert not any(known(target.engine).values())


def test_inconsistent_lines_refuse_the_whole_export(source: Ingest, target: Ingest, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    export(source, folder)
    changes: list[tuple[Callable[[dict[str, Any]], dict[str, Any]], str]] = [
        (lambda line: {**line, "content_id": str(uuid.uuid4())}, "is inconsistent"),
        (lambda line: {**line, "start_seconds": -1}, "is inconsistent"),
        (lambda line: {**line, "id": "no id"}, "hands.jsonl, line 1: id is"),
        (lambda line: {**line, "colour": "red"}, "there is no column colour"),
    ]
    for change, says in changes:
        whole, manifest = (folder / "hands.jsonl").read_text(), (folder / "manifest.json").read_text()
        changed = json.dumps(change(json.loads(whole)))
        (folder / "hands.jsonl").write_text(changed)
        said = json.loads(manifest)
        said["files"]["hands.jsonl"]["sha256"] = hashlib.sha256(changed.encode()).hexdigest()
        (folder / "manifest.json").write_text(json.dumps(said))
        with pytest.raises(ExportUnusableError, match=says):
            restore(transactions(target), folder)
        assert not any(known(target.engine).values())
        (folder / "hands.jsonl").write_text(whole)
        (folder / "manifest.json").write_text(manifest)
    restore(transactions(target), folder)


def test_a_database_that_is_not_empty_is_not_restored_into(source: Ingest, tmp_path: Path) -> None:
    export(source, tmp_path / "out")
    before = known(source.engine)
    with pytest.raises(ExportUnusableError, match="not empty: it has 1 users"):
        restore(transactions(source), tmp_path / "out")
    assert known(source.engine) == before
    with pytest.raises(ExportUnusableError, match="not empty: name another folder"):
        export(source, tmp_path / "out")


def test_existing_files_are_never_overwritten(
    source: Ingest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out.part").mkdir()
    (tmp_path / "out.part" / "thesis").touch()
    export(source, tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir() if "out" in path.name) == ["out", "out.part"]
    assert (tmp_path / "out.part" / "thesis").exists()
    (tmp_path / "link").symlink_to(tmp_path / "out")
    with pytest.raises(ExportUnusableError, match="is a symbolic link"):
        export(source, tmp_path / "link")
    with pytest.raises(ExportUnusableError, match="cannot write to"):
        export(source, tmp_path / "out" / "manifest.json" / "below")
    with pytest.raises(ExportUnusableError, match="the archive"):
        export(source, tmp_path / "archive" / "export")
    assert not (tmp_path / "archive" / "export").exists()
    monkeypatch.setattr("os.path.ismount", lambda path: path == tmp_path / "disk")
    with pytest.raises(ExportUnusableError, match="is a mount point"):
        export(source, tmp_path / "disk")


def test_the_last_seven_exports_are_kept(source: Ingest) -> None:
    exports = source.settings.home / "exports"
    for day in range(1, 10):
        (exports / f"catalogue-2021-07-0{day}T00-00-00Z").mkdir(parents=True)
    export(source)
    kept = sorted(path.name for path in exports.iterdir())
    assert (len(kept), kept[0]) == (KEPT, "catalogue-2021-07-04T00-00-00Z")


def test_two_exports_in_the_same_second_get_two_folders(source: Ingest) -> None:
    context = JobContext(source.settings, transactions(source), source.pool)
    destination = Destination(None, dt.datetime(2031, 7, 1, 12, 0, 59, tzinfo=dt.UTC))

    def job(steps: Executor) -> str:
        return steps.submit(write_catalogue, steps.submit(choose_folder, destination)).result().folder.name

    names = [run_in_threads(context, job) for _ in range(2)]
    assert names == ["catalogue-2031-07-01T12-00-59Z", "catalogue-2031-07-01T12-01-00Z"]


def test_folders_of_killed_exports_are_removed_and_those_of_running_ones_stay(source: Ingest) -> None:
    exports = source.settings.home / "exports"
    exports.mkdir(parents=True)
    old, new = (exports / f".catalogue-2031-07-01T00-00-0{n}Z.abc.part" for n in (1, 2))
    for part in (old, new):
        part.mkdir()
        (part / "users.jsonl").touch()
    for path in (old / "users.jsonl", old):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    export(source)
    assert (old.exists(), new.exists()) == (False, True)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "hand_index": st.integers(1, 99),
                "start_seconds": st.floats(0, 1e5),
                "end_seconds": st.floats(0, 1e5),
                "players": st.none() | st.lists(st.text(max_size=8)),
                "title": st.none() | st.text(max_size=30),
            }
        ),
        max_size=5,
    )
)
def test_no_text_of_a_hand_breaks_the_chapters(hands: list[dict[str, Any]]) -> None:
    lines = chapters(hands).split("\n")
    assert sum(" --> " in line for line in lines) == len(hands)

"""The ingest: from a folder of videos to a catalogue."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Engine, text

from catalog_models.picture_files import files_of
from catalog_models.tables import Content, FindingRow, MediaFile, Root, Thumbnail
from flows.ingest.summary import Summary
from flows.job.context import NoProgress
from orchestration.events import ContentCreated, ContentDeleted
from tasks.scan import ImplausibleScanError, RootUnavailableError
from tests.plugins.ingest import Archive, Ingest


def parts(summary: Summary) -> int:
    s = summary
    return s.ignored + s.new + s.changed + s.moved + s.unchanged + s.pending


def test_a_folder_becomes_a_catalogue(archive: Archive, ingest: Ingest) -> None:
    archive.put("WSOP 2031/WSOP_2031_1.mp4")
    archive.put("WSOP 2031/WSOP_2031_2.mxf")
    archive.put("WSOP 2031/.DS_Store", b"junk")
    summary = ingest(archive.root)
    assert (summary.seen, summary.new, summary.ignored, summary.programmes) == (3, 2, 1, 2)
    assert parts(summary) == summary.seen
    assert (summary.failed, summary.quarantined) == (0, 0)
    titles = ingest.titles()
    assert titles["WSOP 2031 – Episode 1"].status == "ready"
    assert titles["WSOP 2031 – Episode 2"].status == "preparing"
    assert titles["WSOP 2031 – Episode 1"].year == 2031
    assert {type(event) for event in ingest.events} == {ContentCreated}


def test_pictures_are_made_and_shown(archive: Archive, ingest: Ingest) -> None:
    archive.put("a.mp4")
    ingest(archive.root)
    made = {row.kind: row for row in ingest.rows(Thumbnail)}
    assert set(made) == {"poster", "preview", "storyboard", "storyboard_index"}
    with Image.open(ingest.settings.thumbnails / made["poster"].path) as poster:
        assert poster.size == (640, 360)
    assert made["poster"].widths == [320, 640]
    assert made["preview"].parts == 8
    index = (ingest.settings.thumbnails / made["storyboard_index"].path).read_text()
    assert f"storyboard/1.webp?v={made['poster'].version}#xywh=" in index
    assert ingest.titles()["a"].thumbnail_path == made["poster"].path


@dataclass
class Totals(NoProgress):
    """Records how many files each stage had to do."""

    of: dict[str, int] = field(default_factory=dict)

    def begin(self, stage: str, total: int | None, unit: str = "files") -> None:
        self.of.setdefault(stage, total or 0)


def test_files_likely_to_play_get_pictures_in_the_first_opening(archive: Archive, ingest: Ingest) -> None:
    archive.put("alone.mp4")
    archive.put("twin.mp4")
    archive.put("twin.mxf")
    totals = Totals()
    ingest(archive.root, totals)
    assert (totals.of["metadata"], totals.of["thumbnails"]) == (3, 0)
    assert len(ingest.rows(Thumbnail)) == 2 * 4
    assert all(title.thumbnail_path for title in ingest.titles().values())


def test_a_wrong_guess_of_the_best_file_costs_a_second_opening(archive: Archive, ingest: Ingest) -> None:
    archive.put("twin.mp4", b"no video")
    archive.put("twin.mxf")
    totals = Totals()
    ingest(archive.root, totals)
    assert totals.of["thumbnails"] == 1
    assert ingest.titles()["twin"].thumbnail_path


def test_a_second_run_changes_nothing_and_opens_nothing(archive: Archive, ingest: Ingest) -> None:
    archive.put("a.mp4")
    ingest(archive.root)
    before = [ingest.rows(MediaFile)[0].metadata_at, ingest.rows(Content)[0].updated_at]
    os.chmod(archive.root / "a.mp4", 0)
    summary = ingest(archive.root)
    assert (summary.unchanged, summary.new, summary.failed) == (1, 0, 0)
    assert [ingest.rows(MediaFile)[0].metadata_at, ingest.rows(Content)[0].updated_at] == before
    assert not ingest.events


def test_the_archive_is_never_written(
    archive: Archive, ingest: Ingest, attributes: Callable[[Path], dict[str, tuple[int, ...]]]
) -> None:
    for name in ("a.mp4", "b/c.mxf", "b/d.mkv"):
        archive.put(name)
    archive.put("bad.mp4", b"text")
    before = attributes(archive.root)
    ingest(archive.root)
    ingest(archive.root, full=True)
    assert attributes(archive.root) == before


def test_twins_in_two_containers_become_one_title_that_plays(archive: Archive, ingest: Ingest) -> None:
    archive.put("x/SHOW_7.mxf")
    archive.put("x/SHOW_7.mp4")
    assert ingest(archive.root).programmes == 1
    (content,) = ingest.titles().values()
    assert content.file_path == "x/SHOW_7.mp4"
    assert "2 files" in (content.best_file_reason or "")
    assert content.status == "ready"


@pytest.mark.parametrize("level", ["file", "folder", "top", "root"])
def test_a_rename_keeps_rows_and_history(
    archive: Archive, ingest: Ingest, tmp_path: Path, level: str
) -> None:
    archive.put("top/sub/a.mp4")
    archive.put("top/sub/b.mp4")
    ingest(archive.root)
    files = {row.id for row in ingest.rows(MediaFile)}
    contents = {row.id for row in ingest.rows(Content)}
    root = archive.root
    match level:
        case "file":
            (root / "top/sub/a.mp4").rename(root / "top/sub/renamed.mp4")
        case "folder":
            (root / "top/sub").rename(root / "top/other")
        case "top":
            (root / "top").rename(root / "elsewhere")
        case "root":
            root = root.rename(tmp_path / "moved-archive")
    summary = ingest(root, settle=3600)
    assert summary.moved == (1 if level == "file" else 2)
    assert (summary.new, summary.missing, summary.pending, summary.programmes) == (0, 0, 0, 2)
    assert {row.id for row in ingest.rows(MediaFile)} == files
    assert {row.id for row in ingest.rows(Content)} == contents


def test_two_files_that_swap_names_keep_their_titles(archive: Archive, ingest: Ingest) -> None:
    first, second = archive.put("a.mp4"), archive.put("b.mp4")
    ingest(archive.root)
    before = ingest.titles()
    first.rename(archive.root / "c")
    second.rename(first)
    (archive.root / "c").rename(second)
    assert ingest(archive.root).moved == 2
    after = ingest.titles()
    assert (after["a"].id, after["b"].id) == (before["b"].id, before["a"].id)


def test_the_same_content_at_two_paths_stays_two_files(archive: Archive, ingest: Ingest) -> None:
    content = archive.video()
    archive.put("a.mp4", content)
    archive.put("b/a copy.mp4", content)
    summary = ingest(archive.root)
    assert (summary.new, summary.programmes) == (2, 2)
    assert ingest(archive.root).unchanged == 2


def test_a_changed_file_is_read_again_under_the_same_title(archive: Archive, ingest: Ingest) -> None:
    archive.put("a.mp4", b"not yet a video")
    assert ingest(archive.root).quarantined == 1
    archive.put("a.mp4")
    summary = ingest(archive.root)
    assert (summary.changed, summary.quarantined, summary.programmes) == (1, 0, 1)
    assert all(
        finding.resolved_at for finding in ingest.rows(FindingRow, FindingRow.severity == "quarantine")
    )


def test_a_deleted_file_leaves_the_catalogue_and_returns_with_its_history(
    archive: Archive, ingest: Ingest
) -> None:
    archive.put("stays.mp4")
    path = archive.put("a.mp4")
    ingest(archive.root)
    before = ingest.titles()["a"].id
    kept = shutil.move(path, archive.root.parent / "kept.mp4")
    summary = ingest(archive.root)
    assert (summary.missing, summary.programmes) == (1, 1)
    assert ContentDeleted(before) in ingest.events
    shutil.move(kept, path)
    assert ingest(archive.root).missing == 0
    assert ingest.titles()["a"].id == before


def test_an_emptied_root_is_refused_and_nothing_is_marked_missing(archive: Archive, ingest: Ingest) -> None:
    path = archive.put("a.mp4")
    ingest(archive.root)
    path.unlink()
    with pytest.raises(ImplausibleScanError, match="mounted"):
        ingest(archive.root)
    assert ingest.file("a.mp4").missing_since is None
    assert ingest(archive.root, accept_missing=True).missing == 1


def test_a_root_that_does_not_exist_is_refused(archive: Archive, ingest: Ingest) -> None:
    archive.put("a.mp4")
    ingest(archive.root)
    archive.root.rename(archive.root.with_name("away"))
    with pytest.raises(RootUnavailableError, match="mounted"):
        ingest(archive.root)
    assert ingest.file("a.mp4").missing_since is None


def test_a_dry_run_reports_and_writes_nothing(archive: Archive, ingest: Ingest) -> None:
    archive.put("a.mp4")
    summary = ingest(archive.root, dry_run=True)
    assert (summary.new, summary.programmes) == (1, 0)
    assert not ingest.rows(Root)


def test_a_folder_of_a_known_root_rescans_that_folder_only(archive: Archive, ingest: Ingest) -> None:
    archive.put("a/1.mp4")
    archive.put("b/2.mp4")
    ingest(archive.root)
    archive.put("a/3.mp4")
    archive.put("b/4.mp4")
    summary = ingest(archive.root / "a")
    assert (summary.seen, summary.new, summary.unchanged, summary.missing) == (2, 1, 1, 0)
    assert len(ingest.rows(Root)) == 1
    assert ingest.file("a/3.mp4").metadata_at


def test_a_root_above_a_known_one_takes_it_in(archive: Archive, ingest: Ingest) -> None:
    archive.put("a/1.mp4")
    ingest(archive.root / "a")
    files = {row.id for row in ingest.rows(MediaFile)}
    contents = {row.id for row in ingest.rows(Content)}
    summary = ingest(archive.root)
    assert (summary.unchanged, summary.new) == (1, 0)
    assert [root.path_text for root in ingest.rows(Root)] == [str(archive.root)]
    assert {row.id for row in ingest.rows(MediaFile)} == files
    assert {row.id for row in ingest.rows(Content)} == contents


def test_excluded_files_are_ignored_and_known_ones_stay(archive: Archive, ingest: Ingest) -> None:
    archive.put("a.mp4")
    archive.put("clips/b.mp4")
    ingest(archive.root)
    summary = ingest(archive.root, exclude=("clips",))
    assert (summary.seen, summary.ignored, summary.missing, summary.programmes) == (2, 1, 0, 2)


def test_a_young_file_waits_for_the_next_run(archive: Archive, ingest: Ingest) -> None:
    archive.put("a.mp4")
    summary = ingest(archive.root, settle=3600)
    assert (summary.pending, summary.new, summary.programmes) == (1, 0, 0)
    assert ingest(archive.root).new == 1


@pytest.mark.parametrize(
    "name",
    [
        b"new\nline.mp4",
        b"quo'te\".mp4",
        b"100%.mp4",
        "네그라누 🂡.mp4".encode(),
        b"\xff\xfe.mp4",
        b"n" * 251 + b".mp4",
    ],
)
def test_any_name_becomes_a_title(archive: Archive, ingest: Ingest, name: bytes) -> None:
    archive.put(name)
    summary = ingest(archive.root)
    assert (summary.programmes, summary.failed) == (1, 0)
    assert ingest.rows(Thumbnail)


def test_bad_files_are_quarantined_with_reasons_and_the_others_continue(
    archive: Archive, ingest: Ingest
) -> None:
    archive.put("good.mp4")
    archive.put("empty.mp4", b"")
    archive.put("text.mp4", b"this is no video\n" * 100)
    whole = archive.video()
    archive.put("cut.mp4", whole[: len(whole) // 2])
    with archive.put("sparse.mp4", b"").open("wb") as file:
        file.truncate(2 << 30)
    summary = ingest(archive.root)
    assert (summary.quarantined, summary.failed, summary.programmes) == (4, 0, 1)
    said = {row.media_file_id for row in ingest.rows(FindingRow, FindingRow.severity == "quarantine")}
    assert said == {ingest.file(name).id for name in ("empty.mp4", "text.mp4", "cut.mp4", "sparse.mp4")}


class Meddler(NoProgress):
    """Changes the archive when a stage begins."""

    def __init__(self, stage: str, act: Callable[[], Any]) -> None:
        self.stage, self.act = stage, act

    def begin(self, stage: str, total: int | None, unit: str = "files") -> None:
        if stage == self.stage:
            self.stage = ""
            self.act()


@pytest.mark.parametrize("happens", ["replaced", "grown", "deleted"])
def test_a_file_that_changes_while_it_is_read_waits_for_the_next_run(
    archive: Archive, ingest: Ingest, happens: str
) -> None:
    archive.put("good.mp4")
    path = archive.put("a.mp4")
    with path.open("rb") as file:
        content = file.read()

    def meddle() -> None:
        if happens == "deleted":
            path.unlink()
        else:
            archive.put("a.mp4", content + b"more" if happens == "grown" else None)

    summary = ingest(archive.root, Meddler("metadata", meddle))
    assert (summary.new, summary.pending, summary.failed, summary.programmes) == (1, 1, 0, 1)
    assert parts(summary) == summary.seen
    again = ingest(archive.root)
    assert again.programmes == (1 if happens == "deleted" else 2)
    assert (again.quarantined, again.failed) == (0, 0)


def test_a_known_file_that_changes_under_a_full_run_is_pending(archive: Archive, ingest: Ingest) -> None:
    path = archive.put("known.mp4")
    archive.put("other.mp4")
    ingest(archive.root)

    class Toucher(NoProgress):
        def begin(self, stage: str, total: int | None, unit: str = "files") -> None:
            if stage == "metadata":
                os.utime(path)

    summary = ingest(archive.root, Toucher(), full=True)
    assert (summary.new, summary.unchanged, summary.pending) == (0, 1, 1)
    assert parts(summary) == summary.seen


def test_an_ingest_survives_a_restart_of_postgresql(archive: Archive, ingest: Ingest, engine: Engine) -> None:
    for number in range(4):
        archive.put(f"{number}.mp4")

    def cut() -> None:
        with engine.connect() as connection:
            connection.execute(
                text(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                    "where datname = current_database() and pid <> pg_backend_pid()"
                )
            )

    summary = ingest(archive.root, Meddler("metadata", cut))
    assert (summary.programmes, summary.failed) == (4, 0)


def test_deleted_pictures_are_made_again(archive: Archive, ingest: Ingest) -> None:
    archive.put("a.mp4")
    ingest(archive.root)
    rows = ingest.rows(Thumbnail)
    files = [
        ingest.settings.thumbnails / path
        for row in rows
        for path in files_of(row.kind, row.path, row.widths, row.parts)
    ]
    assert len(files) == 6
    for lost in ([file] for file in files):
        lost[0].unlink()
        ingest(archive.root)
        assert all(file.is_file() for file in files), lost
    shutil.rmtree(ingest.settings.thumbnails)
    ingest(archive.root)
    assert all(file.is_file() for file in files)


def test_patterns_of_a_run_are_relative_to_its_folder(archive: Archive, ingest: Ingest) -> None:
    archive.put("sub/keep.mp4")
    ingest(archive.root)
    archive.put("sub/Trash/a.mp4")
    assert ingest(archive.root / "sub", exclude=("Trash",)).new == 0
    assert ingest(archive.root / "sub", exclude=("sub/Trash",)).new == 1


def test_a_root_that_joined_another_during_the_walk_is_walked_again(archive: Archive, ingest: Ingest) -> None:
    """Another run ingests the folder above during the walk."""
    archive.put("inner/a.mp4")
    above = Ingest(ingest.settings, ingest.engine, ingest.pool)

    class Interloper(NoProgress):
        done = False

        def advance(self, stage: str, done: int) -> None:
            if not self.done:
                self.done = True
                above(archive.root)

    summary = ingest(archive.root / "inner", Interloper())
    assert (summary.unchanged, summary.new) == (1, 0)
    assert [row.path_text for row in ingest.rows(MediaFile)] == ["inner/a.mp4"]

"""Moved files are recognised, and unavailable storage loses no files."""

from __future__ import annotations

import dataclasses
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from catalog_models.tables import MediaFile, Root
from catalog_models.values import Walk
from flows.ingest import other_roots, scan
from flows.job.context import NoProgress
from tasks.media.pool import MediaPool
from tasks.scan import walk
from tests.flows.file_leases import held
from tests.plugins.ingest import Archive, Ingest


def test_a_move_is_recognised_when_only_the_new_folder_is_scanned(archive: Archive, ingest: Ingest) -> None:
    path = archive.put("from/show.mp4")
    archive.put("to/other.mp4")
    ingest(archive.root)
    before = ingest.file("from/show.mp4")
    path.rename(archive.root / "to/show.mp4")
    assert ingest(archive.root / "to").moved == 1
    after = ingest.file("to/show.mp4")
    assert (after.id, after.content_id) == (before.id, before.content_id)
    assert ingest(archive.root).unchanged == 2


def test_a_file_moved_to_another_root_keeps_its_row(archive: Archive, ingest: Ingest, tmp_path: Path) -> None:
    path = archive.put("show.mp4")
    archive.put("stays.mp4")
    ingest(archive.root)
    before = ingest.file("show.mp4")
    other = tmp_path / "other"
    other.mkdir()
    shutil.move(path, other / "renamed.mp4")
    assert ingest(other).moved == 1
    assert ingest.file("renamed.mp4").id == before.id
    assert ingest(archive.root).missing == 0


def test_an_unmounted_root_keeps_its_files_although_another_root_has_copies(
    archive: Archive, ingest: Ingest, tmp_path: Path
) -> None:
    for number in range(4):
        archive.put(f"disk/arch/{number}.mp4")
    ingest(archive.root / "disk/arch")
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy2(archive.root / "disk/arch/0.mp4", other / "copy.mp4")
    (archive.root / "disk").rename(archive.root / "away")
    summary = ingest(other)
    assert (summary.new, summary.moved) == (1, 0)
    assert len(ingest.rows(Root)) == 2
    assert not ingest.rows(MediaFile, MediaFile.missing_since.is_not(None))


def test_a_moved_root_keeps_its_missing_files(archive: Archive, ingest: Ingest, tmp_path: Path) -> None:
    """The old root must not stay because of a file that was deleted on the way."""
    archive.put("a.mp4")
    archive.put("b.mp4")
    lost = archive.put("lost.mp4")
    ingest(archive.root)
    lost.unlink()
    summary = ingest(archive.root.rename(tmp_path / "elsewhere"))
    assert (summary.moved, summary.new, summary.missing) == (2, 0, 1)
    assert [root.path_text for root in ingest.rows(Root)] == [str(tmp_path / "elsewhere")]


def test_an_unreadable_new_file_does_not_cost_a_row_its_history(archive: Archive, ingest: Ingest) -> None:
    path = archive.put("show.mp4")
    archive.put("stays.mp4")
    ingest(archive.root)
    before = ingest.file("show.mp4")
    moved = path.rename(archive.root / "moved.mp4")
    with held(moved):
        summary = ingest(archive.root)
    assert (summary.pending, summary.new, summary.missing) == (1, 0, 0)
    assert ingest(archive.root).moved == 1
    assert ingest.file("moved.mp4").id == before.id


def test_an_empty_file_in_a_renamed_folder_is_not_left_as_missing(archive: Archive, ingest: Ingest) -> None:
    archive.put("x/show.mp4")
    archive.put("x/empty.mp4", b"")
    ingest(archive.root)
    (archive.root / "x").rename(archive.root / "y")
    summary = ingest(archive.root)
    assert (summary.moved, summary.new, summary.missing) == (2, 0, 0)


def test_missing_counts_every_file_that_is_missing_now(archive: Archive, ingest: Ingest) -> None:
    """Also those whose path was taken by another file that is missing now."""
    archive.put("stays.mp4")
    for _time in range(2):
        archive.put("a.mp4")
        ingest(archive.root)
        (archive.root / "a.mp4").unlink()
        missing = ingest(archive.root).missing
    assert missing == 2
    assert ingest(archive.root, dry_run=True).missing == 2


class Warnings(NoProgress):
    """Keeps the warnings."""

    said = ""

    def warn(self, message: str) -> None:
        self.said += message


def test_a_folder_without_videos_does_not_become_a_root(ingest: Ingest, tmp_path: Path) -> None:
    empty = tmp_path / "unmounted"
    empty.mkdir()
    warnings = Warnings()
    assert ingest(empty, warnings).seen == 0
    assert "is the archive mounted?" in warnings.said
    assert not ingest.rows(Root)


@pytest.mark.parametrize("name", [b"plain", b"bad\xff", b"[odd]"])
def test_patterns_are_relative_to_the_folder_whatever_its_name(
    archive: Archive, ingest: Ingest, name: bytes
) -> None:
    archive.put("first.mp4")
    archive.put(name + b"/skip/a.mp4")
    folder = Path(os.fsdecode(os.fsencode(archive.root) + b"/" + name))
    ingest(archive.root, exclude=("*skip*",))
    assert ingest(folder, exclude=("skip/",)).new == 0


def test_a_hanging_root_does_not_stop_the_others(
    archive: Archive, ingest: Ingest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is assumed intact, and none of its files counts as moved."""
    archive.put("show.mp4")
    ingest(archive.root)
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy2(archive.root / "show.mp4", other / "copy.mp4")
    # A dead NAS would never respond.
    archive.root.rename(tmp_path / "away")
    monkeypatch.setattr(other_roots, "_is_there", _hang)
    patient = dataclasses.replace(ingest, settings=ingest.settings.model_copy(update={"probe_deadline": 2.0}))
    summary = patient(other)
    assert (summary.new, summary.moved, len(ingest.rows(Root))) == (1, 0, 2)


def test_no_more_files_are_checked_on_a_root_that_begins_to_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(other_roots, "_is_gone", _hang)
    files = [(b"/nas", b"%d.mp4" % number) for number in range(100)]
    with MediaPool(1) as pool:
        others = other_roots.OtherRoots(pool, 0.5)
        others.look_for_files(files)
    assert (others.unsure(files), others.is_gone(files[0])) == ([], False)


def test_a_root_that_returns_during_a_scan_is_kept(
    archive: Archive, ingest: Ingest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.put("show.mp4")
    ingest(archive.root)
    shutil.copytree(archive.root, tmp_path / "mirror")
    archive.root.rename(tmp_path / "away")
    real = walk

    def meanwhile(*arguments: Any) -> Walk:
        (tmp_path / "away").rename(archive.root)
        return real(*arguments)

    monkeypatch.setattr(scan, "walk", meanwhile)
    summary = ingest(tmp_path / "mirror")
    assert (summary.new, summary.moved, len(ingest.rows(Root))) == (1, 0, 2)


def _hang(*_: bytes) -> bool:
    time.sleep(600)
    return False

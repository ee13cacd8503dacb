"""Folders of large generated files: leftovers are removed, and other files stay."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from tasks.media.folders import discard, part_of, sweep


def test_a_file_begun_during_the_sweep_is_not_a_leftover(tmp_path: Path) -> None:
    left, begun = part_of(tmp_path / str(uuid.uuid4())), uuid.uuid4()
    left.touch()

    def known() -> list[uuid.UUID]:
        part_of(tmp_path / str(begun)).touch()
        # As before another process began.
        return []

    assert sweep(tmp_path, known) == 1
    assert list(tmp_path.iterdir()) == [part_of(tmp_path / str(begun))]


@pytest.mark.parametrize("shape", ["{}", "urn:uuid:{}", "{{{}}}", "{}.mp4"])
def test_files_with_similar_names_stay(tmp_path: Path, shape: str) -> None:
    key = str(uuid.uuid4())
    mine, theirs = tmp_path / f"{key}.part", tmp_path / f"{shape.format(key.replace('-', ''))}.part"
    mine.touch()
    theirs.touch()
    (tmp_path / f"{key.upper()}.part").touch()
    assert sweep(tmp_path, list) == 1
    assert (mine.exists(), theirs.exists()) == (False, True)


def test_only_our_files_are_removed(tmp_path: Path) -> None:
    target, folder = tmp_path / "made", tmp_path / "folder"
    for path in (target, part_of(target)):
        path.touch()
    folder.mkdir()
    for path in (target, folder, tmp_path / "nowhere"):
        discard(path)
    assert list(tmp_path.iterdir()) == [folder]

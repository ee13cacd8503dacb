"""Unfinished folders whose writing processes were killed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tasks.export.unfinished_folders import remove_abandoned, unfinished


def abandoned(home: Path, part: Path, token: str) -> None:
    """Write the record that a killed process left."""
    (home / "unfinished").mkdir(parents=True, exist_ok=True)
    (home / "unfinished" / token).write_text(json.dumps(os.fspath(part)))


TOKEN = "0123456789abcdef0123456789abcdef"


def test_an_abandoned_folder_is_removed(tmp_path: Path) -> None:
    part = tmp_path / f".backup.{TOKEN}.part"
    (part / "secrets").mkdir(parents=True)
    abandoned(tmp_path / "home", part, TOKEN)
    assert remove_abandoned(tmp_path / "home") == [part]
    assert not part.exists()
    assert remove_abandoned(tmp_path / "home") == []


def test_a_folder_in_progress_stays_and_leaves_no_record(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with unfinished(tmp_path / "backup", home) as part:
        assert remove_abandoned(home) == []
        part.rename(tmp_path / "backup")
    assert list((home / "unfinished").iterdir()) == []
    with pytest.raises(ZeroDivisionError), unfinished(tmp_path / "other", home) as part:
        raise ZeroDivisionError
    assert not part.exists()
    assert list((home / "unfinished").iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["backup", ".backup.part", f"backup.{TOKEN}.part", f".backup.{TOKEN}", f".backup.{TOKEN[::-1]}.part"],
)
def test_nothing_else_is_removed(tmp_path: Path, name: str) -> None:
    theirs = tmp_path / name
    theirs.mkdir()
    abandoned(tmp_path / "home", theirs, TOKEN)
    assert remove_abandoned(tmp_path / "home") == []
    assert theirs.exists()


def test_a_symbolic_link_is_not_followed_and_an_empty_record_stays(tmp_path: Path) -> None:
    home, theirs = tmp_path / "home", tmp_path / "theirs"
    theirs.mkdir()
    link = tmp_path / f".backup.{TOKEN}.part"
    link.symlink_to(theirs)
    abandoned(home, link, TOKEN)
    (home / "unfinished" / TOKEN[::-1]).write_text("")
    assert remove_abandoned(home) == []
    assert theirs.exists()
    assert remove_abandoned(tmp_path / "no home") == []


def test_the_record_of_an_unmounted_disk_is_kept(tmp_path: Path) -> None:
    part = tmp_path / "disk" / f".backup.{TOKEN}.part"
    abandoned(tmp_path / "home", part, TOKEN)
    assert remove_abandoned(tmp_path / "home") == []
    part.mkdir(parents=True)
    assert remove_abandoned(tmp_path / "home") == [part]

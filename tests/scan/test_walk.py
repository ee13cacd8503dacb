"""The walk of an archive."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from catalog_models.values import path_as_text
from tasks.scan import RootUnavailableError, walk
from tasks.titles import is_video_path


def is_video(path: bytes) -> bool:
    return is_video_path(path_as_text(path))


def lay(root: Path, *names: str | bytes) -> bytes:
    for name in names:
        path = os.path.join(os.fsencode(root), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(b"x")
    return os.fsencode(root)


def test_videos_and_other_files_are_distinguished(tmp_path: Path) -> None:
    root = lay(
        tmp_path,
        "A/show.mp4",
        "A/SHOW.MXF",
        "A/._show.mp4",
        "A/.DS_Store",
        "A/list.csv",
        ".Trash/old.mp4",
        "mp4",
    )
    met = walk(root, is_video)
    assert sorted(file.path for file in met.videos) == [b"A/SHOW.MXF", b"A/show.mp4"]
    assert met.ignored == 5


@pytest.mark.parametrize(
    "name",
    [b"new\nline.mp4", b"quo'te\".mp4", b"100%.mp4", "🂡.mp4".encode(), b"\xff\xfe.mp4", b"n" * 251 + b".mp4"],
)
def test_any_file_name_is_listed(tmp_path: Path, name: bytes) -> None:
    assert [file.path for file in walk(lay(tmp_path, name), is_video).videos] == [name]


def test_links_and_pipes_are_ignored_and_loops_end(tmp_path: Path) -> None:
    root = lay(tmp_path, "a/real.mp4")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "linked.mp4").symlink_to(tmp_path / "a" / "real.mp4")
    os.mkfifo(tmp_path / "pipe.mp4")
    met = walk(root, is_video)
    assert [file.path for file in met.videos] == [b"a/real.mp4"]
    assert met.ignored == 3


def test_names_that_differ_only_in_case_are_two_files(tmp_path: Path) -> None:
    assert len(walk(lay(tmp_path, "Show.mp4", "show.mp4"), is_video).videos) == 2


def test_excluded_files_count_as_ignored_and_closed_folders_are_not_entered(tmp_path: Path) -> None:
    root = lay(tmp_path, "keep/a.mp4", "Trash/b.mp4", "deep/Trash/c.mp4", ".snapshot/d.mp4")
    met = walk(root, is_video, exclude=("Trash", "*/Trash/*", ".snapshot/"))
    assert [file.path for file in met.videos] == [b"keep/a.mp4"]
    assert met.ignored == 2


def test_a_folder_below_the_root_can_be_walked_separately(tmp_path: Path) -> None:
    root = lay(tmp_path, "a/x.mp4", "b/y.mp4")
    assert [file.path for file in walk(root, is_video, below=b"b").videos] == [b"b/y.mp4"]


def test_a_missing_root_is_reported(tmp_path: Path) -> None:
    with pytest.raises(RootUnavailableError, match="mounted"):
        walk(os.fsencode(tmp_path / "nowhere"), is_video)


def test_an_inaccessible_file_makes_only_its_folder_unreadable(tmp_path: Path) -> None:
    root = lay(tmp_path, "fine.mp4")
    deep = os.open(root, os.O_RDONLY)
    # Only relative calls can make paths beyond PATH_MAX.
    for _ in range(17):
        os.mkdir(b"d" * 250, dir_fd=deep)
        inner = os.open(b"d" * 250, os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = inner
    os.close(os.open(b"far.mp4", os.O_CREAT | os.O_WRONLY, dir_fd=deep))
    os.close(deep)
    met = walk(root, is_video)
    assert [file.path for file in met.videos] == [b"fine.mp4"]
    assert len(met.unreadable) == 1


def test_a_time_beyond_64_bits_is_clamped(tmp_path: Path) -> None:
    root = lay(tmp_path, "a.mp4")
    # The year 2514, if the file system supports it.
    os.utime(tmp_path / "a.mp4", (2**34, 2**34))
    (met,) = walk(root, is_video).videos
    assert -(2**63) <= met.mtime_ns < 2**63

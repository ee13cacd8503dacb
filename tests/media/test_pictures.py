"""Posters, storyboards and their index: their content, and that no unfinished files are left."""

from __future__ import annotations

import errno
import gc
import os
import re
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image

from catalog_models.picture_files import files_of, sheet_path
from flows.ingest.visit import PictureTarget, visit
from tasks.media.source_protocol import SourceGoneError
from tasks.metadata.inspection import inspect
from tasks.thumbnails.frame_selection import BLANK, score
from tasks.thumbnails.generator import UndecodableError
from tasks.thumbnails.pictures import make_pictures
from tests.media.clips import rotated, seen

Clip = Callable[[str], Path]


def poster_of(path: Path, folder: Path) -> NDArray[np.uint8]:
    make_pictures(*seen(path), folder, "ab/file")
    with Image.open(folder / "ab/file.poster.jpg") as picture:
        assert picture.format == "JPEG"
        return np.asarray(picture.convert("RGB"))


def shown_box(poster: NDArray[np.uint8]) -> tuple[int, int]:
    """Return width and height of the area that is brighter than the padding."""
    bright = poster.max(axis=2) > 40
    return int(np.count_nonzero(bright.any(axis=0))), int(np.count_nonzero(bright.any(axis=1)))


@pytest.mark.parametrize(
    ("name", "box"), [("plain.mp4", (480, 360)), ("wide-pixels.mp4", (640, 360)), ("prores.mov", (480, 360))]
)
def test_poster_is_640_by_360_with_the_true_aspect(
    clip: Clip, tmp_path: Path, name: str, box: tuple[int, int]
) -> None:
    poster = poster_of(clip(name), tmp_path)
    assert poster.shape == (360, 640, 3)
    assert shown_box(poster) == pytest.approx(box, abs=8)


def test_rotated_video_is_made_upright(clip: Clip, tmp_path: Path) -> None:
    upright = poster_of(clip("plain.mp4"), tmp_path)
    turned = poster_of(rotated(clip("plain.mp4"), 90, tmp_path / "turned.mp4"), tmp_path)
    assert shown_box(turned) == pytest.approx((270, 360), abs=8)
    small = np.asarray(Image.fromarray(upright[:, 80:560]).resize((360, 270)))
    difference = np.abs(np.rot90(small).astype(int) - turned[:, 185:455])
    assert difference.mean() < 20


@pytest.mark.parametrize("name", ["plain.mp4", "turned.mp4", "interlaced.mp4"])
def test_pictures_are_freed_without_the_garbage_collector(clip: Clip, tmp_path: Path, name: str) -> None:
    path = rotated(clip("plain.mp4"), 90, tmp_path / name) if name == "turned.mp4" else clip(name)
    gc.collect()
    gc.disable()
    try:
        inspect(*seen(path))
        make_pictures(*seen(path), tmp_path, "ab/file")
        assert not [one for one in gc.get_objects() if isinstance(one, VideoFrame)]
    finally:
        gc.enable()


def test_interlaced_poster_shows_no_combing(clip: Clip, tmp_path: Path) -> None:
    grey = poster_of(clip("interlaced.mp4"), tmp_path).mean(axis=2)[:, 90:550]
    between_lines = np.abs(np.diff(grey, axis=0)).mean()
    between_pairs = np.abs(grey[2:] - grey[:-2]).mean()
    # Combing changes more from line to line than from field to field.
    assert between_lines < between_pairs


def test_black_and_bars_score_below_a_picture(clip: Clip, tmp_path: Path) -> None:
    poster = poster_of(clip("lead-in.mp4"), tmp_path)
    assert score(poster.mean(axis=2).astype(np.uint8)) > BLANK


def test_video_whose_only_keyframe_is_black_is_decoded_further(clip: Clip, tmp_path: Path) -> None:
    assert poster_of(clip("dark-start.mp4"), tmp_path).mean() > 50


def test_black_video_has_a_black_poster(clip: Clip, tmp_path: Path) -> None:
    assert poster_of(clip("black.mp4"), tmp_path).mean() < 20


def test_storyboard_and_index_agree(clip: Clip, tmp_path: Path) -> None:
    """A film of twenty minutes and a half has a tile every ten seconds, on two sheets."""
    made = {picture.kind: picture for picture in make_pictures(*seen(clip("long.mp4")), tmp_path, "x")}
    board, version = made["storyboard"], made["poster"].version
    index = (tmp_path / made["storyboard_index"].path).read_text()
    first = f"00:00:00.000 --> 00:00:10.000\nstoryboard/1.webp?v={version}#xywh=0,0,320,240\n"
    assert index.startswith(f"WEBVTT\n\n{first}")
    assert "00:20:20.000 --> 00:20:30.000" in index
    sizes = []
    for number in (1, 2):
        with Image.open(tmp_path / sheet_path(board.path, number)) as sheet:
            assert sheet.format == "WEBP"
            sizes.append(sheet.size)
    assert sizes == [(board.width, board.height), (3200, 720)]
    assert (board.width, board.height, board.parts) == (3200, 2400, 2)
    places = re.findall(r"storyboard/(\d)\.webp\?v=\w+#xywh=(.*)", index)
    assert len(places) == len(set(places)) == 123
    assert [int(sheet) for sheet, _ in places] == [1] * 100 + [2] * 23
    for sheet_number, place in places:
        left, top, width, height = map(int, place.split(","))
        assert (width, height) == (320, 240)
        assert left + width <= sizes[int(sheet_number) - 1][0]
        assert top + height <= sizes[int(sheet_number) - 1][1]


def test_result_describes_the_files(clip: Clip, tmp_path: Path) -> None:
    made = make_pictures(*seen(clip("plain.mp4")), tmp_path, "ab/cd")
    assert [picture.path for picture in made] == [
        "ab/cd.poster.jpg",
        "ab/cd.preview.webp",
        "ab/cd.storyboard-1.webp",
        "ab/cd.storyboard.vtt",
    ]
    assert all((tmp_path / picture.path).stat().st_size == picture.size for picture in made)
    written = {f"ab/{path.name}" for path in (tmp_path / "ab").iterdir()}
    assert written == {path for one in made for path in files_of(one.kind, one.path, one.widths, one.parts)}
    assert len({picture.version for picture in made}) == 1


def test_the_version_follows_the_content(clip: Clip, tmp_path: Path) -> None:
    versions = [
        make_pictures(*seen(clip(name)), tmp_path / str(number), "x")[0].version
        for number, name in enumerate(("plain.mp4", "plain.mp4", "black.mp4"))
    ]
    assert versions[0] == versions[1] != versions[2]


def test_damaged_middle_is_skipped(clip: Clip, tmp_path: Path) -> None:
    content = bytearray(clip("prores.mov").read_bytes())
    for place in range(len(content) // 3, len(content) // 2):
        content[place] = 0
    path = tmp_path / "damaged.mov"
    path.write_bytes(content)
    assert len(make_pictures(*seen(path), tmp_path, "x")) == 4


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("encrypted.mp4", "none of its pictures"),
        ("sound-only.mp4", "no moving picture"),
        ("picture.png", "not a video"),
    ],
)
def test_undecodable_file_is_reported_and_keeps_earlier_pictures(
    clip: Clip, tmp_path: Path, name: str, words: str
) -> None:
    earlier = tmp_path / "x.poster.jpg"
    earlier.write_bytes(b"earlier")
    with pytest.raises(UndecodableError, match=words):
        make_pictures(*seen(clip(name)), tmp_path, "x")
    assert [entry.name for entry in tmp_path.iterdir()] == [earlier.name]
    assert earlier.read_bytes() == b"earlier"


def test_a_visit_leaves_slow_pictures_and_keeps_the_facts(clip: Clip, tmp_path: Path) -> None:
    path = clip("plain.mp4")
    left = visit(*seen(path), PictureTarget(tmp_path, "x", seconds=0))
    assert (left.inspection.facts.decodes, left.pictures, list(tmp_path.iterdir())) == (True, (), [])
    assert len(visit(*seen(path), PictureTarget(tmp_path, "x", seconds=60)).pictures) == 4


def test_missing_file_raises_source_gone(tmp_path: Path) -> None:
    with pytest.raises(SourceGoneError):
        make_pictures(os.fsencode(tmp_path / "gone.mp4"), 1, 1, tmp_path, "x")


def test_file_too_large_to_write_leaves_nothing_unfinished(clip: Clip, tmp_path: Path) -> None:
    (tmp_path / "x.poster.jpg").write_bytes(b"earlier")
    with _written_files_of_at_most(4096), pytest.raises(OSError) as caught:
        make_pictures(*seen(clip("plain.mp4")), tmp_path, "x")
    assert caught.value.errno == errno.EFBIG
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [
        ("x.poster.jpg", b"earlier")
    ]


@contextmanager
def _written_files_of_at_most(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Python ignores SIGXFSZ, so that a write fails with EFBIG.
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a full disk needs the right to mount a tmpfs (root)")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_full_disk_is_reported_and_leaves_nothing_unfinished(clip: Clip, full_disk: Path) -> None:
    with pytest.raises(OSError) as caught:
        make_pictures(*seen(clip("plain.mp4")), full_disk, "x")
    assert caught.value.errno == errno.ENOSPC
    assert list(full_disk.iterdir()) == []

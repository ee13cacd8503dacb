"""Posters of rotated and mirrored films appear as players show them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tasks.metadata.inspection import inspect
from tests.media.clips import displayed, ffmpeg, seen
from tests.media.test_pictures import poster_of

Clip = Callable[[str], Path]
FLIPS: tuple[tuple[str, ...], ...] = ((), ("-display_hflip",), ("-display_vflip",))
CASES = list(itertools.product((0, 90, 180, 270), FLIPS))


def corners(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the centres of the four quarters, scaled to full contrast."""
    height, width = picture.shape[:2]
    found = picture[height // 4 :: height // 2, width // 4 :: width // 2][:2, :2]
    return np.where(found > 127, 255, 0).astype(np.uint8)


@pytest.mark.parametrize(("degrees", "flips"), CASES)
def test_poster_looks_like_the_film_in_ffmpeg(
    clip: Clip, tmp_path: Path, degrees: int, flips: tuple[str, ...]
) -> None:
    options = ["-display_rotation", str(degrees), *flips]
    film = displayed(clip("quarters.mp4"), options, tmp_path / "film.mov")
    ffmpeg("-i", str(film), "-frames:v", "1", str(tmp_path / "shown.png"))
    with Image.open(tmp_path / "shown.png") as picture:
        shown = corners(np.asarray(picture.convert("RGB")))
    poster = poster_of(film, tmp_path)
    upright = poster[:, 220:420] if degrees % 180 else poster
    assert np.array_equal(corners(upright), shown)


def test_a_mirrored_film_is_not_rotated(clip: Clip, tmp_path: Path) -> None:
    film = displayed(clip("quarters.mp4"), ["-display_hflip"], tmp_path / "film.mov")
    video = inspect(*seen(film)).facts.video
    assert video is not None
    assert video.rotation == 0

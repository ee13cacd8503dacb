"""Colours of any kind appear as on a BT.709 screen, in posters and in renditions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tasks.media.colours import BT709, BT2020, HLG, KNEE, PEAK, PQ, WHITE, Colours
from tasks.thumbnails.scaler import on_screen
from tests.media.clips import COLOURED
from tests.media.made_renditions import frames, rendered, stripes
from tests.media.test_pictures import poster_of

Clip = Callable[[str], Path]
SHOWN = [(0, 255, 0), (255, 0, 0), (255, 0, 255)]
# The value of an empty channel of another gamut in 10 bits: half a percent of light.
DARK = 40


def differences(found: list[tuple[int, ...]]) -> tuple[int, int]:
    """Return how much too dark the bright channels are, and how bright the dark ones."""
    pairs = [pair for one, other in zip(found, SHOWN, strict=True) for pair in zip(one, other, strict=True)]
    return max(255 - value for value, full in pairs if full), max(value for value, full in pairs if not full)


@pytest.mark.parametrize("name", COLOURED)
def test_posters_show_the_colours(clip: Clip, tmp_path: Path, name: str) -> None:
    poster = poster_of(clip(name), tmp_path)
    lacks, stains = differences(stripes(poster[:, 80:560]))
    assert lacks <= 12
    assert stains <= (DARK if _is_wide(name) else 12)


@pytest.mark.parametrize("name", COLOURED)
def test_renditions_show_and_declare_the_colours(clip: Clip, tmp_path: Path, name: str) -> None:
    made = frames(rendered(clip(name), tmp_path / "made.mp4"))
    picture = made[-1]
    assert (picture.format.name, picture.width, picture.height) == ("yuv420p", 96, 72)
    assert (picture.colorspace, picture.color_range) == (1, 1)
    assert (picture.color_primaries, picture.color_trc) == (1, 1)
    assert "MASTERING_DISPLAY_METADATA" not in picture.side_data
    assert "CONTENT_LIGHT_LEVEL" not in picture.side_data
    shown = np.asarray(picture.to_ndarray(format="rgb24", src_colorspace="itu709"), np.uint8)
    lacks, stains = differences(stripes(shown))
    assert lacks <= 12
    assert stains <= (DARK if _is_wide(name) else 12)


def _is_wide(name: str) -> bool:
    return name.startswith(("pq", "hlg", "wide", "p3"))


@pytest.mark.parametrize(("transfer", "white"), [(PQ, 0.5807), (HLG, 0.75)])
def test_light_up_to_white_stays_and_brighter_light_keeps_its_detail(transfer: int, white: float) -> None:
    levels = np.linspace(0, 1, 200)
    signal = np.repeat(np.rint(levels * 65_535)[None, :, None], 3, axis=2).astype(np.uint16)
    shown = on_screen(signal, Colours(BT2020, BT2020, transfer, full=False))[0]
    assert np.ptp(shown, axis=1).max() <= 1, "grey stays grey"
    grey = shown[:, 0].astype(int)
    assert (np.diff(grey) >= 0).all()
    assert grey[np.searchsorted(levels, white)] == pytest.approx(249, abs=2)
    assert grey[-1] == 255


def test_the_knee_is_below_white() -> None:
    assert KNEE < 1 < PEAK / WHITE


def test_standard_colours_play_as_they_are() -> None:
    assert Colours(BT709, BT709, BT709, full=False).plays
    assert not Colours(BT709, BT709, BT709, full=True).plays

"""The contact sheet of posters of a run."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from tasks.thumbnails.contact_sheet import contact_sheet
from tasks.thumbnails.generator import SHEET

_GREY, _RED = (128, 128, 128), (200, 30, 30)


def _sheet(posters: list[tuple[Path, str]]) -> Image.Image:
    return Image.open(io.BytesIO(contact_sheet(posters))).convert("RGB")


def _is(found: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(found, tuple)
    # JPEG changes colours slightly.
    return all(abs(one - other) < 12 for one, other in zip(found, wanted, strict=True))


@pytest.fixture
def red(tmp_path: Path) -> Path:
    path = tmp_path / "red.jpg"
    Image.new("RGB", (640, 360), _RED).save(path)
    return path


def test_a_poster_that_cannot_be_read_is_a_grey_tile_beside_the_others(red: Path, tmp_path: Path) -> None:
    broken, half = tmp_path / "broken.jpg", tmp_path / "half.jpg"
    broken.write_bytes(b"no picture")
    half.write_bytes(red.read_bytes()[:400])
    sheet = _sheet(
        [(red, "Red"), (tmp_path / "gone.jpg", "Gone"), (broken, "Broken"), (half, "Half"), (red, "Red")]
    )
    colours = [sheet.getpixel((8 + 200 * column + 96, 8 + 54)) for column in range(5)]
    assert [_is(colour, _RED) for colour in colours] == [True, False, False, False, True]
    assert [_is(colour, _GREY) for colour in colours] == [False, True, True, True, False]


def test_no_posters_make_an_empty_sheet() -> None:
    assert _sheet([]).size == (8, 8)


def test_a_sheet_has_a_fixed_number_of_tiles_and_any_title_fits(red: Path) -> None:
    title = "A title – with dashes, ümlauts, 日本 – that goes on and on and on"
    assert SHEET == 24
    assert _sheet([(red, title)] * (SHEET + 5)).size == _sheet([(red, title)] * SHEET).size

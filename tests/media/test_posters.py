"""Posters in WebP: sizes, orientation, sharpness and bytes, for films of all shapes; previews."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from catalog_models.picture_files import poster_path
from catalog_models.values import Picture
from tasks.thumbnails.album import widths_of
from tasks.thumbnails.pictures import make_pictures
from tests.media.clips import displayed, ffmpeg, rotated, seen
from tests.media.made_renditions import stripes

Clip = Callable[[str], Path]
Shown = NDArray[np.uint8]

# The most bytes of a poster of a detailed picture, by width.
MOST_BYTES = {320: 30_000, 640: 90_000, 1280: 260_000}


def made_of(path: Path, folder: Path) -> dict[str, Picture]:
    return {picture.kind: picture for picture in make_pictures(*seen(path), folder, "ab/file")}


def posters_of(path: Path, folder: Path) -> dict[int, Shown]:
    """Return the posters of a film by their widths, and check them against their row."""
    poster = made_of(path, folder)["poster"]
    found = {}
    for width in poster.widths or ():
        with Image.open(folder / poster_path(poster.path, width)) as picture:
            assert picture.format == "WEBP"
            assert picture.width == width
            found[width] = np.asarray(picture.convert("RGB"))
    assert found[max(found)].shape[:2] == (poster.height, poster.width)
    return found


def film_frame(path: Path, out: Path) -> Shown:
    """Return the first picture as ffmpeg shows it, with square pixels."""
    ffmpeg("-i", str(path), "-frames:v", "1", "-vf", "scale=iw*sar:ih,setsar=1", str(out))
    with Image.open(out) as picture:
        return np.asarray(picture.convert("RGB"))


def alike(one: Shown, other: Shown) -> tuple[float, float]:
    """Return the correlation of two pictures, and of their edges, in grey."""
    size = (one.shape[1], one.shape[0])
    greys = [
        cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY).astype(
            float
        )
        for picture in (one, other)
    ]
    edges = [cv2.Laplacian(grey, cv2.CV_64F) for grey in greys]
    return _correlation(*greys), _correlation(*edges)


def _correlation(one: NDArray[Any], other: NDArray[Any]) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("still-1080.mp4", [(320, 180), (640, 360), (1280, 720)]),
        ("still-tall.mp4", [(320, 568), (640, 1138)]),
        ("still-panorama.mp4", [(320, 40), (640, 80), (1280, 160)]),
        ("still-480.mp4", [(320, 214)]),
        ("still-tiny.mp4", [(64, 48)]),
        ("still-odd.mp4", [(178, 100)]),
        ("still-wide-pixels.mp4", [(320, 180), (640, 360)]),
    ],
)
def test_posters_have_the_shape_of_the_film_and_its_sharpness(
    clip: Clip, tmp_path: Path, name: str, sizes: list[tuple[int, int]]
) -> None:
    posters = posters_of(clip(name), tmp_path)
    assert [(picture.shape[1], picture.shape[0]) for picture in posters.values()] == sizes
    frame = film_frame(clip(name), tmp_path / "frame.png")
    for width, picture in posters.items():
        whole, edges = alike(picture, frame)
        assert whole > 0.96, width
        assert edges > 0.75, width
        size = (tmp_path / f"ab/file.poster-{width}.webp").stat().st_size
        assert size <= MOST_BYTES.get(width, MOST_BYTES[320]), width


@pytest.mark.parametrize(
    "options",
    [
        ["-display_rotation", "90"],
        ["-display_rotation", "180"],
        ["-display_rotation", "270"],
        ["-display_hflip"],
        ["-display_rotation", "90", "-display_hflip"],
    ],
)
def test_rotated_and_mirrored_films_are_shown_as_players_show_them(
    clip: Clip, tmp_path: Path, options: list[str]
) -> None:
    film = displayed(clip("still-480.mp4"), options, tmp_path / "film.mov")
    frame = film_frame(film, tmp_path / "frame.png")
    posters = posters_of(film, tmp_path)
    assert list(posters) == [320]
    turned = options[:2] in (["-display_rotation", "90"], ["-display_rotation", "270"])
    assert posters[320].shape[:2] == ((480, 320) if turned else (214, 320))
    assert min(alike(posters[320], frame)) > 0.8


@pytest.mark.parametrize("name", ["pq.mkv", "hlg.mp4", "wide-sdr.mkv", "p3.mkv", "jpeg-709.mov"])
def test_posters_show_the_colours_of_a_screen(clip: Clip, tmp_path: Path, name: str) -> None:
    (poster,) = posters_of(clip(name), tmp_path).values()
    assert poster.shape[1] == 96
    green, red, magenta = stripes(poster)
    for found, wanted in ((green, (0, 1, 0)), (red, (1, 0, 0)), (magenta, (1, 0, 1))):
        for value, is_bright in zip(found, wanted, strict=True):
            assert value > 235 if is_bright else value < 48, (name, found)


def test_an_interlaced_film_is_no_larger_than_its_frame(clip: Clip, tmp_path: Path) -> None:
    (poster,) = posters_of(clip("interlaced.mp4"), tmp_path).values()
    assert poster.shape == (240, 320, 3)


@pytest.mark.parametrize(
    ("shown", "widths"),
    [(2, (2,)), (318, (318,)), (320, (320,)), (638, (320,)), (1279, (320, 640)), (7680, (320, 640, 1280))],
)
def test_no_poster_is_wider_than_the_film(shown: int, widths: tuple[int, ...]) -> None:
    assert widths_of(shown) == widths


def test_posters_of_very_tall_films_fit_into_webp(tmp_path: Path) -> None:
    film = tmp_path / "tall.mkv"
    ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=64x64:r=1:d=2", "-vf", "scale=640:32768", "-c:v", "mjpeg", str(film)
    )
    posters = posters_of(film, tmp_path)
    assert [poster.shape[:2] for poster in posters.values()] == [(16_382, 320)]


def test_the_fallback_stays_640_by_360(clip: Clip, tmp_path: Path) -> None:
    made_of(clip("still-tall.mp4"), tmp_path)
    with Image.open(tmp_path / "ab/file.poster.jpg") as picture:
        assert (picture.format, picture.size) == ("JPEG", (640, 360))


def test_a_preview_shows_the_whole_film_in_equal_parts(clip: Clip, tmp_path: Path) -> None:
    """The film of twenty minutes gets darker evenly."""
    preview = made_of(clip("fading.mp4"), tmp_path)["preview"]
    assert preview.parts == 10
    with Image.open(tmp_path / preview.path) as strip:
        assert (
            (strip.format, strip.size) == ("WEBP", (preview.width, preview.height)) == ("WEBP", (1920, 144))
        )
        grey = np.asarray(strip.convert("L"))
    levels = [float(part.mean()) for part in np.hsplit(grey, 10)]
    assert levels == sorted(levels, reverse=True)
    assert np.allclose(np.diff(levels), -25.5, atol=4)


@pytest.mark.parametrize(("name", "size"), [("plain.mp4", (192, 144)), ("turned.mp4", (144, 192))])
def test_a_short_film_has_a_preview_of_eight_frames(
    clip: Clip, tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    film = rotated(clip("plain.mp4"), 90, tmp_path / name) if name == "turned.mp4" else clip(name)
    preview = made_of(film, tmp_path)["preview"]
    assert (preview.parts, preview.width, preview.height) == (8, 8 * size[0], size[1])


_LOOP = """
import os, sys
from pathlib import Path
from typing import Any
from tasks.thumbnails.pictures import make_pictures
films = sys.argv[2:]
print("ready", flush=True)
while True:
    for film in films:
        status = os.stat(film)
        make_pictures(os.fsencode(film), status.st_size, status.st_mtime_ns, Path(sys.argv[1]), "ab/file")
"""


def test_a_process_that_is_killed_leaves_whole_pictures(clip: Clip, tmp_path: Path) -> None:
    films = [str(clip(name)) for name in ("still-1080.mp4", "plain.mp4")]
    for wait in (0.05, 0.13, 0.21):
        command = [sys.executable, "-c", _LOOP, str(tmp_path), *films]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
        for path in (tmp_path / "ab").glob("file.*"):
            if path.suffix in (".jpg", ".webp"):
                with Image.open(path) as picture:
                    picture.load()
    made_of(clip("still-1080.mp4"), tmp_path)
    assert not [name for name in os.listdir(tmp_path / "ab") if name.endswith(".part")]

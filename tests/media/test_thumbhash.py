"""The ThumbHash: equal to that of the reference implementation, and similar to the picture when decoded."""

from __future__ import annotations

import base64
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from tasks.thumbnails.thumbhash import thumbhash

Colours = NDArray[np.float64]


def decoded(found: bytes, width: int, height: int) -> Colours:
    """Decode a hash to colours from 0 to 1, as the reference implementation does."""
    header = int.from_bytes(found[:5], "little")
    parts = [header >> place & mask for place, mask in ((0, 63), (6, 63), (12, 63), (18, 31), (24, 7))]
    scales = (parts[3] / 31, 1.25 * (header >> 27 & 63) / 63, 1.25 * (header >> 33 & 63) / 63)
    means = (parts[0] / 63, parts[1] / 31.5 - 1, parts[2] / 31.5 - 1)
    shorter = max(3, parts[4])
    grid = (7, shorter) if header >> 39 & 1 else (shorter, 7)
    nibbles = iter([nibble for byte in found[5:] for nibble in (byte & 15, byte >> 4)])
    luminance, yellow, reddish = (
        _channel(nibbles, mean, scale, size, (width, height))
        for mean, scale, size in zip(means, scales, (grid, (3, 3), (3, 3)), strict=True)
    )
    blue = luminance - 2 / 3 * yellow
    red = (3 * luminance - blue + reddish) / 2
    return np.clip(np.dstack([red, red - reddish, blue]), 0, 1)


def _channel(
    nibbles: object, mean: float, scale: float, grid: tuple[int, int], size: tuple[int, int]
) -> Colours:
    (columns, rows), (width, height) = grid, size
    channel = np.full((height, width), mean)
    for row, column in product(range(rows), range(columns)):
        if (row or column) and column * rows < columns * (rows - row):
            share = (next(nibbles) / 7.5 - 1) * scale * 2  # type: ignore[call-overload]
            across = np.cos(np.pi * column / width * (np.arange(width) + 0.5))
            down = np.cos(np.pi * row / height * (np.arange(height) + 0.5))
            channel += share * np.outer(down, across)
    return channel


def picture(width: int, height: int) -> NDArray[np.uint8]:
    """Return bright and dark areas of several colours."""
    down, across = np.mgrid[0:height, 0:width]
    red, green, blue = (across * 7 + down * 3) % 256, (across * down) % 256, (255 - across * 2) % 256
    return np.dstack([red, green, blue, np.full((height, width), 255)]).astype(np.uint8)


@pytest.mark.parametrize(
    ("size", "reference"),
    [
        ((64, 36), "5CUGTIZ6QGhkVYt1l3ZwdoavuQ=="),
        ((36, 64), "5hQGJAgbRCBaw3VZZ2hANvbHsg=="),
        ((48, 48), "JBUGLwgdYHVSoWplqFaHaIeGBlRmb4kL"),
        ((64, 8), "IEUGUYwmsFmCiUd6UIW298c="),
    ],
)
def test_hashes_equal_those_of_the_npm_package(size: tuple[int, int], reference: str) -> None:
    assert base64.b64encode(thumbhash(picture(*size))).decode() == reference


@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (360, 640), (100, 100), (2048, 64), (64, 2)])
def test_a_hash_has_at_most_25_bytes_and_the_colours_of_the_picture(size: tuple[int, int]) -> None:
    width, height = size
    down, across = np.mgrid[0:height, 0:width]
    smooth = np.dstack(
        [
            np.where(across < width / 2, 200, 60),
            60 + 140 * down // height,
            np.full((height, width), 90),
            np.full((height, width), 255),
        ]
    ).astype(np.uint8)
    found = thumbhash(smooth)
    assert len(found) <= 25
    shown = decoded(found, 32, 32)
    for row, column in product((4, 16, 28), (3, 28)):
        original = smooth[row * height // 32, column * width // 32, :3] / 255
        assert np.abs(shown[row, column] - original).max() < 0.2, (row, column)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_even_picture_is_decoded_evenly(level: int) -> None:
    even = np.full((36, 64, 4), level, np.uint8)
    assert np.abs(decoded(thumbhash(even), 32, 18) - level / 255).max() < 0.03

"""ThumbHash: a picture in at most 25 bytes, shown blurred until the picture is loaded.

The format is that of Evan Wallace (https://evanw.github.io/thumbhash/), which browsers decode with the npm
package `thumbhash`. It has the first coefficients of the discrete cosine transform of three channels:
luminance, yellow to blue, and red to green. Posters are opaque, so its channel for opacity is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from tasks.thumbnails.scaler import Pixels

# Pixels of the longer side. More pixels would not change the hash.
_LONGEST = 64
# Coefficients along the longer side, for luminance and for colours.
_LUMINANCE, _COLOURS = 7, 3

_NOISE = 1e-9

Channel = NDArray[np.float64]


def thumbhash(pixels: Pixels) -> bytes:
    """Return the ThumbHash of a colour picture of shape (height, width, 4)."""
    height, width = pixels.shape[:2]
    factor = min(1.0, _LONGEST / max(width, height))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small = cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA)
    red, green, blue = (small[..., channel] / 255 for channel in range(3))
    longer = max(width, height)
    columns, rows = (max(1, _rounded(_LUMINANCE * side / longer)) for side in (width, height))
    luminance = _encoded((red + green + blue) / 3, max(3, columns), max(3, rows))
    yellow = _encoded((red + green) / 2 - blue, _COLOURS, _COLOURS)
    reddish = _encoded(red - green, _COLOURS, _COLOURS)
    wide = width > height
    header: int = (
        _rounded(63 * luminance.mean)
        | _rounded(31.5 + 31.5 * yellow.mean) << 6
        | _rounded(31.5 + 31.5 * reddish.mean) << 12
        | _rounded(31 * luminance.scale) << 18
        | (rows if wide else columns) << 24
        | _rounded(63 * yellow.scale) << 27
        | _rounded(63 * reddish.scale) << 33
        | wide << 39
    )
    return header.to_bytes(5, "little") + _packed((*luminance.rest, *yellow.rest, *reddish.rest))


class _Encoded:
    """The coefficients of a channel: the mean, and the others as shares of `scale`, from 0 to 1."""

    def __init__(self, coefficients: Iterable[float]) -> None:
        self.mean, *rest = coefficients
        scale = max(map(abs, rest))
        # The rest of a uniform channel is noise of floating-point numbers.
        self.scale = scale if scale > _NOISE else 0.0
        self.rest = [0.5 + 0.5 * value / self.scale if self.scale else 0.5 for value in rest]


def _encoded(channel: Channel, columns: int, rows: int) -> _Encoded:
    """Transform a channel. Of `columns` × `rows` coefficients only the triangle of low ones is kept."""
    height, width = channel.shape
    transformed = _waves(rows, height) @ channel @ _waves(columns, width).T / (width * height)
    return _Encoded(
        float(transformed[row, column])
        for row in range(rows)
        for column in range(columns)
        if column * rows < columns * (rows - row)
    )


def _waves(count: int, length: int) -> Channel:
    """Return `count` cosines of rising frequency, each sampled at the middles of `length` pixels."""
    return np.cos(np.pi / length * np.outer(np.arange(count), np.arange(length) + 0.5))


def _packed(shares: Iterable[float]) -> bytes:
    """Return four bits for each share, the lower half of a byte first."""
    nibbles = [_rounded(15 * share) for share in shares]
    nibbles += [0] * (len(nibbles) % 2)
    return bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))


def _rounded(value: float) -> int:
    # Rounded as in JavaScript, so that hashes equal those of the reference implementation.
    return math.floor(value + 0.5)

"""How well a picture stands for its video, judged on a small grey copy.

Sharpness is the variance of the Laplacian (Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy",
ICPR 2000); exposure is how little of it is crushed or burnt; what shows next to nothing (black, slates, colour
bars) is blank.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from cv2.typing import MatLike

BLANK = 0.05
"""A score below this: the picture shows nothing."""

_SMALL = (64, 36)  # pixels: noise is averaged away, shapes stay
_DARK, _BURNT = 32, 232  # of 255; video keeps black at 16 and white at 235 (ITU-R BT.601)
_FLAT_SHARE = 0.72  # of the pixels in one narrow band of grey: a slate, a fade, a title on black
_BAND = 12
_STRIPES, _ONE_SIDED = 1.0, 0.3  # change from pixel to pixel: bars and ramps have it in one direction only
_SHARP = math.log1p(2000.0)  # a crisp studio picture


def score(grey: MatLike) -> float:
    """From 0 (blank) to 1, of the luma of a small picture, shape (height, width), some 320 pixels wide."""
    small = cv2.resize(grey, _SMALL, interpolation=cv2.INTER_AREA)
    blank = 0.02 if _is_flat(small) or _is_striped(small) else 1.0
    return blank * _sharpness(grey) * _exposure(small)


def _sharpness(grey: MatLike) -> float:
    energy = cv2.norm(cv2.Laplacian(grey, cv2.CV_16S), cv2.NORM_L2SQR) / grey.size  # its mean is nil
    return min(1.0, math.log1p(energy) / _SHARP)


def _exposure(small: MatLike) -> float:
    lost = np.count_nonzero(small < _DARK) + np.count_nonzero(small > _BURNT)
    middle = 1 - abs(float(small.mean()) - 118) / 137  # 118: 18 % grey in sRGB
    return (1 - lost / small.size) * (0.4 + 0.6 * middle)


def _is_flat(small: MatLike) -> bool:
    histogram = np.bincount(small.ravel(), minlength=256)
    band = np.convolve(histogram, np.ones(_BAND, dtype=np.int64))
    return bool(band.max() > _FLAT_SHARE * small.size)


def _is_striped(small: MatLike) -> bool:
    upper = small[: small.shape[0] * 3 // 5]  # SMPTE bars change below two thirds
    down = cv2.norm(upper[1:], upper[:-1], cv2.NORM_L1) / upper.size
    along = cv2.norm(upper[:, 1:], upper[:, :-1], cv2.NORM_L1) / upper.size
    return bool(min(down, along) < min(_STRIPES, _ONE_SIDED * max(down, along)))

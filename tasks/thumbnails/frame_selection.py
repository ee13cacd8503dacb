"""Choose the moments of a video to examine, decode their pictures, and score them as posters.

The pictures are keyframes, each decoded once. The score uses a small grey copy. Sharpness is the
variance of the Laplacian (Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000).
Exposure is the share of pixels that are neither crushed nor burnt. A picture with almost no content (black, a
slate, colour bars) is blank.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np
from av.video.frame import VideoFrame
from cv2.typing import MatLike

from tasks.media.container import KeyPicture, decode, decode_from, packets, place_of
from tasks.media.film import Film
from tasks.media.keyframes import key_finder
from tasks.thumbnails.storyboard import MOST_TILES

TILE_SECONDS = 10.0
"""Seconds between the tiles of a storyboard; longer if there would be more than `MOST_TILES`."""

# Frames of a preview. Films with this many tiles show some of them in it; others are also examined between
# their tiles.
_PREVIEW_FRAMES, _FEWEST_PREVIEW_FRAMES = 10, 8
# How far to search for a picture that is not blank.
_ONWARD_FRAMES = 300
_ONWARD_STEP = 12
BLANK = 0.05
"""A picture with a score below this is blank."""

# Pixels, so few that noise is averaged out and shapes stay.
_SMALL = (64, 36)
# Of 255. Video has black at 16 and white at 235 (ITU-R BT.601).
_DARK, _BURNT = 32, 232
# The share of pixels in one narrow band of grey: a slate, a fade, or a title on black.
_FLAT_SHARE = 0.72
_BAND = 12
# Changes between neighbouring pixels: bars and ramps have them in one direction only.
_STRIPES, _ONE_SIDED = 1.0, 0.3
# A sharp studio picture.
_SHARP = math.log1p(2000.0)


@dataclass(frozen=True, slots=True)
class Moment:
    """A second to examine.

    `tile` is the number of the cue of the storyboard that shows it, `frame` that of the frame of the preview;
    None if none does. Each moment may become the poster.
    """

    second: float
    tile: int | None = None
    frame: int | None = None


def cues(duration: float | None) -> tuple[tuple[float, float], ...]:
    """Return the begin and end of each cue in seconds: one per 10 s, at most 300; one without a duration."""
    if duration is None:
        return ((0.0, TILE_SECONDS),)
    step = max(TILE_SECONDS, duration / MOST_TILES)
    count = min(MOST_TILES, max(1, math.ceil(duration / step)))
    return tuple((index * step, min((index + 1) * step, duration)) for index in range(count))


def preview_frames(duration: float | None) -> int:
    """Return the number of frames of a preview: 8 to 10; one without a duration."""
    if duration is None:
        return 1
    return min(_PREVIEW_FRAMES, max(_FEWEST_PREVIEW_FRAMES, len(cues(duration))))


def moments(duration: float | None) -> tuple[Moment, ...]:
    """Return the middle of each cue and of each frame of the preview; the start without a duration."""
    if duration is None:
        return (Moment(0.0, 0, 0),)
    middles, frames = [(begin + end) / 2 for begin, end in cues(duration)], preview_frames(duration)
    if len(middles) >= frames:
        shown = {(2 * frame + 1) * len(middles) // (2 * frames): frame for frame in range(frames)}
        return tuple(Moment(second, tile, shown.get(tile)) for tile, second in enumerate(middles))
    tiles = [Moment(second, tile) for tile, second in enumerate(middles)]
    tiles += [Moment((frame + 0.5) * duration / frames, None, frame) for frame in range(frames)]
    return tuple(sorted(tiles, key=lambda moment: moment.second))


def sample(
    film: Film, wanted: tuple[Moment, ...], first: KeyPicture | None = None
) -> Iterator[tuple[Moment, VideoFrame | None]]:
    """Yield the picture of the last keyframe at or before each moment; None if nothing decodes.

    Moments with the same keyframe get the same object. `first` is a picture that was decoded before. Only the
    current picture is held.
    """
    shown, picture = (first.place, first.picture) if first else (None, None)
    find = key_finder(film)
    for moment in wanted:
        key, coming = find(moment.second)
        if key is None:
            yield moment, None
            continue
        if picture is None or key.pts is None or place_of(key) != shown:
            picture, shown = decode_from(film.video, key, coming), place_of(key)
        yield moment, picture


def onward(film: Film) -> Iterator[VideoFrame]:
    """Yield every 12th picture from the start on, for about ten seconds of video."""
    if film.seek_start():
        coming = packets(film.container, film.video)
        frames = (frame for packet in coming for frame in decode(film.video, packet))
        yield from islice(frames, 0, _ONWARD_FRAMES, _ONWARD_STEP)


def score(grey: MatLike) -> float:
    """Return a score from 0 (blank) to 1 for luma of shape (height, width), about 320 pixels wide."""
    small = cv2.resize(grey, _SMALL, interpolation=cv2.INTER_AREA)
    blank = 0.02 if _is_flat(small) or _is_striped(small) else 1.0
    return blank * _sharpness(grey) * _exposure(small)


def _sharpness(grey: MatLike) -> float:
    # The mean of the Laplacian is 0, so this is its variance.
    energy = cv2.norm(cv2.Laplacian(grey, cv2.CV_16S), cv2.NORM_L2SQR) / grey.size
    return min(1.0, math.log1p(energy) / _SHARP)


def _exposure(small: MatLike) -> float:
    lost = np.count_nonzero(small < _DARK) + np.count_nonzero(small > _BURNT)
    # 118 is 18 % grey in sRGB.
    middle = 1 - abs(float(small.mean()) - 118) / 137
    return (1 - lost / small.size) * (0.4 + 0.6 * middle)


def _is_flat(small: MatLike) -> bool:
    histogram = np.bincount(small.ravel(), minlength=256)
    band = np.convolve(histogram, np.ones(_BAND, dtype=np.int64))
    return bool(band.max() > _FLAT_SHARE * small.size)


def _is_striped(small: MatLike) -> bool:
    # SMPTE bars change below two thirds of the height.
    upper = small[: small.shape[0] * 3 // 5]
    down = cv2.norm(upper[1:], upper[:-1], cv2.NORM_L1) / upper.size
    along = cv2.norm(upper[:, 1:], upper[:, :-1], cv2.NORM_L1) / upper.size
    return bool(min(down, along) < min(_STRIPES, _ONE_SIDED * max(down, along)))

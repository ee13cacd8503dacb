"""Which moments of a video are looked at, and the pictures there: keyframes, each decoded once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from av.video.frame import VideoFrame

from tasks.media.film import Film
from tasks.media.keyframes import key_finder
from tasks.media.reading import KeyPicture, decode, decode_from, packets, place_of

TILE_SECONDS = 10.0
"""The storyboard's step; longer where it would make more than `MOST_TILES`."""

MOST_TILES = 100
_FEWEST_CANDIDATES = 3  # for a poster: a short video is looked at in its quarters, too
_ONWARD_FRAMES = 300  # how far a search for a picture that is not blank goes
_ONWARD_STEP = 12


@dataclass(frozen=True, slots=True)
class Moment:
    """A second to look at; `tile` is the cue of the storyboard that shows it, None for the poster's sake only."""

    second: float
    tile: int | None = None


def cues(duration: float | None) -> tuple[tuple[float, float], ...]:
    """Begin and end in seconds of each tile of the storyboard: one each 10 s, at most 100; one if nobody knows."""
    if duration is None:
        return ((0.0, TILE_SECONDS),)
    step = max(TILE_SECONDS, duration / MOST_TILES)
    count = min(MOST_TILES, max(1, math.ceil(duration / step)))
    return tuple((index * step, min((index + 1) * step, duration)) for index in range(count))


def moments(duration: float | None) -> tuple[Moment, ...]:
    """In order: the middle of each cue, and the quarters of a video that has few; the start when nobody knows."""
    if duration is None:
        return (Moment(0.0, 0),)
    tiles = [Moment((begin + end) / 2, tile) for tile, (begin, end) in enumerate(cues(duration))]
    if len(tiles) < _FEWEST_CANDIDATES:
        tiles += [Moment(duration * quarter / 4) for quarter in (1, 2, 3)]
    return tuple(sorted(tiles, key=lambda moment: moment.second))


def sample(
    film: Film, wanted: tuple[Moment, ...], first: KeyPicture | None = None
) -> Iterator[tuple[Moment, VideoFrame | None]]:
    """Yield the picture of the last keyframe at or before each moment, None where nothing decodes.

    Moments that share a keyframe get the same object; `first` is one that is decoded already. At most the current
    picture is held.
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
    """Yield every 12th picture from the start on, for some ten seconds of video."""
    if film.seek_start():
        coming = packets(film.container, film.video)
        frames = (frame for packet in coming for frame in decode(film.video, packet))
        yield from islice(frames, 0, _ONWARD_FRAMES, _ONWARD_STEP)

"""Which moments of a video are looked at, and the pictures there: keyframes, each decoded once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import TypeAlias

from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from tasks.media.film import Film
from tasks.media.reading import KeyPicture, decode, decode_from, next_key, packets, place_of

TILE_SECONDS = 10.0
"""The storyboard's step; longer where it would make more than `MOST_TILES`."""

MOST_TILES = 100
_FEWEST_CANDIDATES = 3  # for a poster: a short video is looked at in its quarters, too
_ONWARD_FRAMES = 300  # how far a search for a picture that is not blank goes
_ONWARD_STEP = 12
_LOOK_BACK = 10.0  # seconds; keyframes lie closer together in what is broadcast
_BEFORE_ALL = -10.0
_FIRST_REACH = 1.0  # seconds between the keyframes of a broadcast, at most
_MOST_READ = 10_000  # packets: three minutes of video
_MOST_BEHIND = 300  # packets that are kept behind a key packet, to decode on where it gives no picture
_ROUNDING = 0.001

_Found: TypeAlias = "tuple[Packet[VideoStream] | None, Iterator[Packet[VideoStream]]]"


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
    """Yield the picture of the last keyframe at or before each moment; None if nothing decodes.

    Moments that share a keyframe get the same object; `first` is one that is decoded already. At most the current
    picture is held.
    """
    shown, picture = (first.place, first.picture) if first else (None, None)
    find = _indexed(film) if film.indexed else _Unindexed(film).key_before
    for moment in wanted:
        key, coming = find(moment.second)
        if key is None:
            yield moment, None
            continue
        if picture is None or key.pts is None or place_of(key) != shown:
            picture, shown = decode_from(film.video, key, coming), place_of(key)
        yield moment, picture


def _indexed(film: Film) -> Callable[[float], _Found]:
    def key_near(second: float) -> _Found:
        """Return the key packet for a moment: a seek leads to it, or close to it if the index is damaged."""
        for start in (second, second - _LOOK_BACK, _BEFORE_ALL):
            coming = packets(film.container, film.video)
            if film.seek(start) and (key := next_key(coming)) is not None:
                return key, coming
        return None, iter(())

    return key_near


class _Unindexed:
    """Finds keyframes without an index: reads every packet from some seconds before a moment on.

    The number of seconds is doubled while no keyframe is found, and kept for the next moments.
    """

    def __init__(self, film: Film) -> None:
        self._film = film
        self._reach = _FIRST_REACH

    def key_before(self, second: float) -> _Found:
        """Return the last key packet that is shown by then; the first one of the film if there is none."""
        while self._reach < second:
            if self._film.seek(second - self._reach) and (found := self._last_key(second))[0] is not None:
                return found
            self._reach *= 2
        if not self._film.seek_start():
            return None, iter(())
        found = self._last_key(second)
        return found if found[0] is not None else self._first_key()

    def _last_key(self, second: float) -> _Found:
        key: Packet[VideoStream] | None = None
        behind: list[Packet[VideoStream]] = []
        coming = packets(self._film.container, self._film.video)
        for packet in islice(coming, _MOST_READ):
            shown = self._film.shown_at(packet) if packet.is_keyframe else None
            if shown is not None and shown <= second + _ROUNDING:
                key, behind = packet, []
            elif len(behind) < _MOST_BEHIND:
                behind.append(packet)
            decoded = self._film.decoded_at(packet)
            if decoded is not None and decoded > second:
                break
        return key, chain(behind, coming)

    def _first_key(self) -> _Found:
        coming = packets(self._film.container, self._film.video)
        return (next_key(coming) if self._film.seek_start() else None), coming


def onward(film: Film) -> Iterator[VideoFrame]:
    """Yield every 12th picture from the start on, for some ten seconds of video."""
    if film.seek_start():
        coming = packets(film.container, film.video)
        frames = (frame for packet in coming for frame in decode(film.video, packet))
        yield from islice(frames, 0, _ONWARD_FRAMES, _ONWARD_STEP)

"""Which moments of a video are looked at, and the pictures there: keyframes, each decoded once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from tasks.media.reading import KeyPicture, decode, decode_from, next_key, packets

TILE_SECONDS = 10.0
"""The storyboard's step; longer where it would make more than `MOST_TILES`."""

MOST_TILES = 100
_FEWEST_CANDIDATES = 3  # for a poster: a short video is looked at in its quarters, too
_ONWARD_FRAMES = 300  # how far a search for a picture that is not blank goes
_ONWARD_STEP = 12
_LOOK_BACK = 10.0  # seconds; keyframes lie closer together in what is broadcast
_BEFORE_ALL = -10.0


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
    container: InputContainer, video: VideoStream, wanted: tuple[Moment, ...], first: KeyPicture | None = None
) -> Iterator[tuple[Moment, VideoFrame | None]]:
    """The picture of the keyframe at or before each moment, None where nothing decodes.

    Moments that share a keyframe get the same object; `first` is one that is decoded already. At most the current
    picture is held.
    """
    shown, picture = (first.pts, first.picture) if first else (None, None)
    for moment in wanted:
        key, coming = _key_near(container, video, moment.second)
        if key is None:
            yield moment, None
            continue
        if picture is None or key.pts is None or key.pts != shown:
            picture, shown = decode_from(video, key, coming), key.pts
        yield moment, picture


def _key_near(
    container: InputContainer, video: VideoStream, second: float
) -> tuple[Packet[VideoStream] | None, Iterator[Packet[VideoStream]]]:
    """The key packet for a moment, and the packets that follow it."""
    # A transport stream has no index: it is entered anywhere, and near its end no key packet may come any more.
    for start in (second, second - _LOOK_BACK, _BEFORE_ALL):
        coming = packets(container, video)
        if _seek(container, video, start) and (key := next_key(coming)) is not None:
            return key, coming
    return None, iter(())


def onward(container: InputContainer, video: VideoStream) -> Iterator[VideoFrame]:
    """Every 12th picture from the start on, for some ten seconds of video."""
    if _seek(container, video, 0.0) or _seek(container, video, _BEFORE_ALL):
        frames = (frame for packet in packets(container, video) for frame in decode(video, packet))
        yield from islice(frames, 0, _ONWARD_FRAMES, _ONWARD_STEP)


def _seek(container: InputContainer, video: VideoStream, second: float) -> bool:
    try:
        offset = round(second / video.time_base) + (video.start_time or 0) if video.time_base else 0
        container.seek(offset, stream=video)
    except (FFmpegError, OverflowError):
        return False
    return True

"""Time stamps of transport and program streams, which have neither an index nor a duration.

If recordings are joined by `cat`, or a broadcaster restarts its clock, the time stamps jump. A small stream
is read as a whole, without decoding. A large one is sampled, with more samples where its stamps and its bytes
disagree.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from tasks.media.container import packets

UNINDEXED = frozenset({"mpegts", "mpeg"})
"""The names of these formats in libav. A seek in them leads to any packet, not to a keyframe."""

# Seconds. FFmpeg removes larger steps from the time (`-dts_delta_threshold`), so they do not count here
# either.
_BACK, _GAP = 0.1, 10.0
# Bytes of a stream that is read as a whole, at most.
_SMALL = 16 << 20
# Bytes between two marks that are read, at most.
_NARROW = 2 << 20
# Bytes of a piece that does not end at a jump.
_PIECE = 1 << 20
_SAMPLES = 16
# Further samples; a jump in 20 GB takes nine.
_MOST_LOOKS = 256
# A larger ratio between the seconds and those that the bytes suggest may be a jump.
_DOUBT = 2.0


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """The first packet from a byte on: its offset, and the second at which it is decoded."""

    offset: int
    stamp: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A part without jumps, from a mark on. `jumps`: the next piece does not continue its time stamps."""

    mark: Mark
    seconds: float
    jumps: bool = False


def pieces_of(container: InputContainer, video: VideoStream) -> list[Piece]:
    """Return the pieces of a track in the order of the file. No other track is read."""
    if container.size <= _SMALL:
        return list(read_pieces(container, video))
    marks = sorted(set(filter(None, (look(container, video, offset) for offset in _samples(container.size)))))
    if not marks:
        return []
    pace = median([0.0, *_paces(marks)]) or max(_paces(marks), default=0.0)
    _look_closer(container, video, marks, pace)
    pieces = [piece for pair in pairwise(marks) for piece in _between(container, video, pair, pace)]
    return [*pieces, *read_pieces(container, video, marks[-1].offset)]


def read_pieces(
    container: InputContainer, video: VideoStream, begin: int = 0, end: int | None = None
) -> Iterator[Piece]:
    """Read all packets between two bytes, and yield pieces, which end at a jump or after a megabyte."""
    first = last = None
    step = 0.0
    for packet in packets(container, video) if seek_byte(container, video, begin) else ():
        now = _mark(packet)
        if now is None:
            continue
        if end is not None and now.offset >= end:
            break
        if first is None or last is None:
            first = now
        elif jumps := not -_BACK <= now.stamp - last.stamp <= _GAP:
            yield Piece(first, last.stamp - first.stamp + step, jumps)
            first = now
        elif now.offset - first.offset >= _PIECE:
            yield Piece(first, now.stamp - first.stamp)
            first = now
        last, step = now, float((packet.duration or 0) * (packet.time_base or 0))
    if first is not None and last is not None:
        yield Piece(first, last.stamp - first.stamp + step)


def look(container: InputContainer, video: VideoStream, offset: int) -> Mark | None:
    """Return the mark at a byte; None if no packet with a stamp follows."""
    coming = packets(container, video) if seek_byte(container, video, offset) else iter(())
    return next(filter(None, map(_mark, coming)), None)


def seek_byte(container: InputContainer, video: VideoStream, offset: int) -> bool:
    """Seek to a byte. Return False if that fails.

    PyAV calls this unsupported because most other containers cannot.
    """
    try:
        container.seek(offset, stream=video, unsupported_byte_offset=True)
    except FFmpegError:
        return False
    return True


def _mark(packet: Packet[VideoStream]) -> Mark | None:
    if packet.dts is None or packet.pos is None or packet.time_base is None:
        return None
    return Mark(packet.pos, float(packet.dts * packet.time_base))


def _samples(size: int) -> list[int]:
    return [*(size * number // _SAMPLES for number in range(_SAMPLES)), size - _NARROW]


def _paces(marks: list[Mark]) -> list[float]:
    """Return the seconds per byte between neighbouring marks, where the stamps grow."""
    steps = [(after.stamp - before.stamp, after.offset - before.offset) for before, after in pairwise(marks)]
    return [seconds / width for seconds, width in steps if seconds > 0]


def _deviation(before: Mark, after: Mark, pace: float) -> float:
    """Return by how many seconds stamps and bytes disagree; 0 if a varying bit rate explains it."""
    seconds, expected = after.stamp - before.stamp, (after.offset - before.offset) * pace
    good = seconds >= 0 and expected / _DOUBT - _GAP <= seconds <= expected * _DOUBT + _GAP
    return 0.0 if good else abs(seconds - expected)


def _look_closer(container: InputContainer, video: VideoStream, marks: list[Mark], pace: float) -> None:
    """Add marks until intervals that disagree are narrow, the worst first."""
    # Marks of intervals in which no other packet was found.
    whole: set[Mark] = set()
    for _ in range(_MOST_LOOKS):
        wide = [
            pair
            for pair in pairwise(marks)
            if pair[1].offset - pair[0].offset > _NARROW and pair[0] not in whole
        ]
        worst = max(wide, key=lambda pair: _deviation(pair[0], pair[1], pace), default=None)
        if worst is None or _deviation(worst[0], worst[1], pace) == 0:
            return
        before, after = worst
        found = look(container, video, (before.offset + after.offset) // 2)
        if found is None or not before.offset < found.offset < after.offset:
            whole.add(before)
        else:
            insort(marks, found)


def _between(
    container: InputContainer, video: VideoStream, pair: tuple[Mark, Mark], pace: float
) -> Iterator[Piece]:
    before, after = pair
    seconds, width = after.stamp - before.stamp, after.offset - before.offset
    if not _deviation(before, after, pace):
        yield Piece(before, seconds)
    elif width <= _NARROW and (read := list(read_pieces(container, video, before.offset, after.offset))):
        *pieces, last = read
        yield from pieces
        step = after.stamp - last.mark.stamp - last.seconds
        yield Piece(last.mark, last.seconds, jumps=not -_BACK <= step <= _GAP)
    # There are too many jumps to find all, or the packets could not be read.
    else:
        yield Piece(before, seconds if seconds > 0 else width * pace, jumps=True)

"""The film in an open container: its duration, and seeks to its moments."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from tasks.media.colours import UNMARKED, said_matrix
from tasks.media.length import seconds
from tasks.media.timestamps import UNINDEXED, Piece, pieces_of, seek_byte

_BEFORE_ALL = -10.0


class Film:
    """A video track with continuous time stamps.

    `indexed`: a seek leads to a keyframe. `matrix` is the container's matrix for pictures that
    do not have one.
    """

    matrix = UNMARKED

    def __init__(self, container: InputContainer, video: VideoStream, lasts: float | None) -> None:
        self.container, self.video, self.seconds = container, video, lasts
        self.indexed = container.format.name not in UNINDEXED
        self._base = float(video.time_base or 0)
        self._start = (video.start_time or 0) * self._base

    def seek(self, second: float) -> bool:
        """Seek to a moment or to a packet before it. Return False if the container cannot."""
        try:
            offset = round((second + self._start) / self._base) if self._base else 0
            self.container.seek(offset, stream=self.video)
        except (FFmpegError, OverflowError):
            return False
        return True

    def seek_start(self) -> bool:
        """Seek to the beginning. Return False if the container cannot."""
        if not self.indexed and seek_byte(self.container, self.video, 0):
            return True
        return self.seek(0.0) or self.seek(_BEFORE_ALL)

    def decoded_at(self, packet: Packet[VideoStream]) -> float | None:
        """Return the second at which a packet is decoded; None if it has no time stamp."""
        return self._second(packet, packet.dts if packet.dts is not None else packet.pts)

    def shown_at(self, packet: Packet[VideoStream]) -> float | None:
        """Return the second at which a packet is shown; None if it has no time stamp."""
        return self._second(packet, packet.pts if packet.pts is not None else packet.dts)

    def _second(self, _packet: Packet[VideoStream], stamp: int | None) -> float | None:
        return None if stamp is None else stamp * self._base - self._start


class JoinedFilm(Film):
    """A track whose time stamps jump: its time is counted piece by piece."""

    def __init__(self, container: InputContainer, video: VideoStream, pieces: list[Piece]) -> None:
        super().__init__(container, video, sum(piece.seconds for piece in pieces))
        self._pieces = pieces
        self._begins = [0.0, *accumulate(piece.seconds for piece in pieces)]
        self._offsets = [*(piece.mark.offset for piece in pieces), container.size]

    def seek(self, second: float) -> bool:
        """Seek to the byte of a moment, as if its piece had a constant bit rate."""
        number = max(0, min(bisect_right(self._begins, second), len(self._pieces)) - 1)
        begin, end = self._offsets[number : number + 2]
        lasts = self._pieces[number].seconds
        share = (second - self._begins[number]) / lasts if lasts else 0.0
        offset = begin + round((end - begin) * min(1.0, max(0.0, share)))
        return seek_byte(self.container, self.video, offset)

    def _second(self, packet: Packet[VideoStream], stamp: int | None) -> float | None:
        if stamp is None or packet.pos is None:
            return None
        number = max(0, bisect_right(self._offsets, packet.pos, hi=len(self._pieces)) - 1)
        piece = self._pieces[number]
        return self._begins[number] + min(piece.seconds, max(0.0, stamp * self._base - piece.mark.stamp))


def film_of(container: InputContainer, video: VideoStream, matrix: int | None = None) -> Film:
    """Return the film of a track. Without an index, this reads the container and moves its position.

    `matrix` is the result of `said_matrix`, if a picture was decoded since.
    """
    film = _film(container, video)
    film.matrix = said_matrix(video) if matrix is None else matrix
    return film


def _film(container: InputContainer, video: VideoStream) -> Film:
    if container.format.name in UNINDEXED:
        pieces = pieces_of(container, video)
        if any(piece.jumps for piece in pieces):
            return JoinedFilm(container, video, pieces)
    return Film(container, video, seconds(container, video))

"""The keyframes of a film: find the one that shows a moment, and decode it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import TypeAlias

from av.video.frame import VideoFrame

from tasks.media.container import Place, VideoPacket, decode_from, next_key, packets, place_of
from tasks.media.film import Film

# Seconds. Keyframes of broadcasts are closer together.
_LOOK_BACK = 10.0
_BEFORE_ALL = -10.0
# Seconds between the keyframes of a broadcast, at most.
_FIRST_REACH = 1.0
# Packets: three minutes of video.
_MOST_READ = 10_000
# Packets kept after a key packet, to continue decoding if it yields no picture.
_MOST_BEHIND = 300
_ROUNDING = 0.001

Found: TypeAlias = "tuple[VideoPacket | None, Iterator[VideoPacket]]"
"""A key packet (None if there is none), and the packets after it."""


def key_finder(film: Film) -> Callable[[float], Found]:
    """Return a function that finds the key packet for a moment; call it with the moments in order."""
    return _indexed(film) if film.indexed else _Unindexed(film).key_before


def keys_at(
    film: Film, moments: Sequence[float], known: Place | None = None
) -> Iterator[tuple[VideoPacket, Iterator[VideoPacket]]]:
    """Yield the key packets for some moments, each once, except the `known` one."""
    find, passed = key_finder(film), {known}
    for moment in moments:
        key, coming = find(moment)
        if key is not None and place_of(key) not in passed:
            passed.add(place_of(key))
            yield key, coming


def pictures_at(film: Film, moments: Sequence[float]) -> Iterator[VideoFrame]:
    """Yield the pictures of the keyframes for some moments, each once, if they decode."""
    for key, coming in keys_at(film, moments):
        if (picture := decode_from(film.video, key, coming)) is not None:
            yield picture


def _indexed(film: Film) -> Callable[[float], Found]:
    def key_near(second: float) -> Found:
        """Return the key packet for a moment. A seek leads to it, or close to it if the index is damaged."""
        for start in (second, second - _LOOK_BACK, _BEFORE_ALL):
            coming = packets(film.container, film.video)
            if film.seek(start) and (key := next_key(coming)) is not None:
                return key, coming
        return None, iter(())

    return key_near


class _Unindexed:
    """Finds keyframes without an index: reads every packet from some seconds before a moment.

    While no keyframe is found, the number of seconds is doubled; it is kept for the next moments.
    """

    def __init__(self, film: Film) -> None:
        self._film = film
        self._reach = _FIRST_REACH

    def key_before(self, second: float) -> Found:
        """Return the last key packet shown by then, or the first one of the film."""
        while self._reach < second:
            if self._film.seek(second - self._reach) and (found := self._last_key(second))[0] is not None:
                return found
            self._reach *= 2
        if not self._film.seek_start():
            return None, iter(())
        found = self._last_key(second)
        return found if found[0] is not None else self._first_key()

    def _last_key(self, second: float) -> Found:
        key: VideoPacket | None = None
        behind: list[VideoPacket] = []
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

    def _first_key(self) -> Found:
        coming = packets(self._film.container, self._film.video)
        return (next_key(coming) if self._film.seek_start() else None), coming

"""The storyboard: a sprite of tiles, and the WebVTT index that maps seconds to tiles for the seek bar."""

from __future__ import annotations

import math

import numpy as np

from tasks.thumbnails.scaler import Pixels, padded

SPRITE_NAME = "storyboard.jpg"
"""The name of the sprite in the cues, relative to the URL of the index."""

_COLUMNS = 10


class Sprite:
    """A sheet of tiles of the same size, in rows of ten."""

    def __init__(self, room: int) -> None:
        """Make a sheet for at most `room` tiles. `size`: width and height of the first tile in pixels."""
        self._room = room
        self._sheet: Pixels | None = None
        self.size: tuple[int, int] | None = None
        self.count = 0

    def add(self, tile: Pixels) -> int:
        """Add a tile no larger than the first one, and return its number."""
        if self._sheet is None or self.size is None:
            height, width = tile.shape[:2]
            self.size = (width, height)
            rows = math.ceil(self._room / _COLUMNS)
            self._sheet = np.zeros((rows * height, min(_COLUMNS, self._room) * width, 4), np.uint8)
        left, top, width, height = self.place(self.count)
        self._sheet[top : top + height, left : left + width] = padded(tile, self.size)
        self.count += 1
        return self.count - 1

    def place(self, number: int) -> tuple[int, int, int, int]:
        """Return left, top, width and height of a tile in pixels."""
        width, height = self.size or (0, 0)
        return number % _COLUMNS * width, number // _COLUMNS * height, width, height

    def pixels(self) -> Pixels:
        """Return the sheet up to its last tile."""
        width, height = self.size or (0, 0)
        sheet = np.zeros((0, 0, 4), np.uint8) if self._sheet is None else self._sheet
        return sheet[: math.ceil(self.count / _COLUMNS) * height, : min(_COLUMNS, self.count) * width]


def webvtt(cues: tuple[tuple[float, float], ...], shown: list[int], sprite: Sprite) -> str:
    """Return a cue for each (begin, end) in seconds; `shown[n]` is the number of the tile that cue n shows.

    Players know this form: WebVTT with spatial fragments (W3C Media Fragments URI 1.0, §4.2.2).
    """
    lines = ["WEBVTT", ""]
    for (begin, end), number in zip(cues, shown, strict=True):
        place = ",".join(str(length) for length in sprite.place(number))
        lines += [f"{_clock(begin)} --> {_clock(end)}", f"{SPRITE_NAME}#xywh={place}", ""]
    return "\n".join(lines)


def _clock(second: float) -> str:
    milliseconds = round(second * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"

"""The storyboard: sheets of tiles, and the WebVTT index that maps seconds to tiles for the seek bar."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from catalog_models.picture_files import MOST_SHEETS
from tasks.thumbnails.scaler import Pixels, padded

COLUMNS = 10
SHEET_TILES = 100
"""Tiles of a sheet. Small sheets load quickly, however long the film is."""

MOST_TILES = MOST_SHEETS * SHEET_TILES


class Storyboard:
    """Tiles of the same size, in rows of ten, on sheets that are encoded once they are full."""

    def __init__(self, room: int, encode: Callable[[Pixels], bytes]) -> None:
        """Take at most `room` tiles. `size`: width and height of the first tile in pixels."""
        self._room = room
        self._encode = encode
        self._sheet: Pixels | None = None
        self._done: list[bytes] = []
        self.size: tuple[int, int] | None = None
        self.sheet_size = (0, 0)
        self.count = 0

    def add(self, tile: Pixels) -> int:
        """Add a tile no larger than the first one, and return its number."""
        if self.size is None:
            self.size = tile.shape[1], tile.shape[0]
        on_sheet = self.count % SHEET_TILES
        if on_sheet == 0:
            self._finish()
            self._sheet = self._empty_sheet(min(SHEET_TILES, self._room - self.count))
        assert self._sheet is not None  # noqa: S101
        left, top, width, height = self.place(self.count)
        self._sheet[top : top + height, left : left + width] = padded(tile, self.size)
        self.count += 1
        return self.count - 1

    def _empty_sheet(self, room: int) -> Pixels:
        width, height = self.size or (0, 0)
        return np.zeros((math.ceil(room / COLUMNS) * height, min(COLUMNS, room) * width, 4), np.uint8)

    def place(self, number: int) -> tuple[int, int, int, int]:
        """Return the left, top, width and height of a tile on its sheet, in pixels."""
        width, height = self.size or (0, 0)
        row, column = divmod(number % SHEET_TILES, COLUMNS)
        return column * width, row * height, width, height

    def sheets(self) -> list[bytes]:
        """Return the encoded sheets. No tile can be added afterwards."""
        self._finish()
        return self._done

    def _finish(self) -> None:
        """Encode the sheet up to its last tile."""
        if self._sheet is None:
            return
        width, height = self.size or (0, 0)
        tiles = self.count - SHEET_TILES * len(self._done)
        used = self._sheet[: math.ceil(tiles / COLUMNS) * height, : min(COLUMNS, tiles) * width]
        if not self._done:
            self.sheet_size = used.shape[1], used.shape[0]
        self._done.append(self._encode(used))
        self._sheet = None


def webvtt(
    cues: Sequence[tuple[float, float]], shown: Sequence[int], storyboard: Storyboard, version: str
) -> str:
    """Return a cue for each (begin, end) in seconds; `shown[n]` is the number of the tile that cue n shows.

    Players support this format: WebVTT with spatial fragments (W3C Media Fragments URI 1.0, §4.2.2). The
    addresses of the sheets are relative to that of the index.
    """
    lines = ["WEBVTT", ""]
    for (begin, end), number in zip(cues, shown, strict=True):
        place = ",".join(str(length) for length in storyboard.place(number))
        sheet = f"storyboard/{number // SHEET_TILES + 1}.webp?v={version}"
        lines += [f"{_clock(begin)} --> {_clock(end)}", f"{sheet}#xywh={place}", ""]
    return "\n".join(lines)


def _clock(second: float) -> str:
    milliseconds = round(second * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"

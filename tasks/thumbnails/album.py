"""The pictures of one film, collected while it is decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from av.video.frame import VideoFrame

from catalog_models.picture_files import WIDTHS
from tasks.thumbnails.encoding import TILE_QUALITY, webp
from tasks.thumbnails.frame_selection import score
from tasks.thumbnails.preview import Preview
from tasks.thumbnails.scaler import Pixels, ScaledFrame, Scaler, padded
from tasks.thumbnails.storyboard import Storyboard

FALLBACK_BOX = (640, 360)
TILE_BOX = (320, 320)
"""Pixels. A tile is 320 wide, or 320 high if the video is taller than wide."""

# A WebP picture has at most 16,383 lines; sizes are even. Only films that are much taller than wide reach it:
# for others the width decides.
_MOST_LINES = 16_382


@dataclass(frozen=True)
class Poster:
    """The poster: `pictures` by width, ascending; `fallback` is a JPEG on 640 × 360 dark pixels."""

    pictures: dict[int, Pixels]
    fallback: Pixels


def widths_of(shown: int) -> tuple[int, ...]:
    """Return the widths of the posters of a film that is `shown` pixels wide: none is wider than the film."""
    return tuple(width for width in WIDTHS if width <= shown) or (shown,)


class Album:
    """Collects tiles, frames of the preview, and the best picture. Only the best one is kept in full size."""

    def __init__(self, scaler: Scaler, cues: Sequence[tuple[float, float]], frames: int) -> None:
        self.cues = cues
        self.storyboard = Storyboard(len(cues), lambda sheet: webp(sheet, TILE_QUALITY))
        self._preview = Preview(frames)
        self._scaler = scaler
        # The number of each cue, and of the tile that it shows.
        self._shown: dict[int, int] = {}
        self._last: VideoFrame | None = None
        self._last_small: ScaledFrame | None = None
        self._last_tile: int | None = None
        self._last_preview: Pixels | None = None
        self._best: VideoFrame | None = None
        self.best_score = -1.0

    def take(self, frame: VideoFrame, cue: int | None = None, number: int | None = None) -> None:
        """Consider a picture for the poster, and show it in a cue and in a frame of the preview.

        It may be the same as the previous one.
        """
        if frame is not self._last or self._last_small is None:
            self._last, self._last_small = frame, self._scaler.shrink(frame, TILE_BOX)
            self._last_tile = self._last_preview = None
            self._consider(frame, self._last_small)
        if cue is not None:
            if self._last_tile is None:
                self._last_tile = self.storyboard.add(self._tile(frame, self._last_small))
            self._shown[cue] = self._last_tile
        if number is not None:
            if self._last_preview is None:
                self._last_preview = self._preview.fitted(self._scaler.colour(self._last_small))
            self._preview.add(number, self._last_preview)

    def _tile(self, frame: VideoFrame, small: ScaledFrame) -> Pixels:
        """Return a picture in colour, no larger than the first tile: a stream may change its size."""
        tile = self._scaler.colour(small)
        size = self.storyboard.size
        if size is None or (tile.shape[1] <= size[0] and tile.shape[0] <= size[1]):
            return tile
        return self._small(frame, size)

    def _consider(self, frame: VideoFrame, small: ScaledFrame) -> None:
        value = score(small.grey())
        if value > self.best_score:
            self._best, self.best_score = frame, value

    def poster(self) -> Poster | None:
        """Return the poster, or None if the album is empty."""
        if self._best is None:
            return None
        widths = widths_of(self._scaler.shown_width(self._best))
        pictures = [self._small(self._best, (width, _MOST_LINES)) for width in widths]
        fallback = padded(self._small(self._best, FALLBACK_BOX), FALLBACK_BOX)
        return Poster({picture.shape[1]: picture for picture in pictures}, fallback)

    def _small(self, frame: VideoFrame, box: tuple[int, int]) -> Pixels:
        return self._scaler.colour(self._scaler.shrink(frame, box))

    def tiles(self) -> list[int]:
        """Return the number of the tile that each cue shows.

        A cue without a picture shows the previous one.
        """
        if not self._shown and self._best is not None:
            self._shown[0] = self.storyboard.add(self._small(self._best, TILE_BOX))
        shown, current = [], 0
        for cue in range(len(self.cues)):
            current = self._shown.get(cue, current)
            shown.append(current)
        return shown

    def preview(self) -> tuple[Pixels, int]:
        """Return the strip of the preview and the number of its frames. The album must have a picture."""
        if self._preview.is_empty and self._best is not None:
            self._preview.add(0, self._preview.fitted(self._small(self._best, TILE_BOX)))
        return self._preview.pixels()

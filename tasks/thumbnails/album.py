"""What is kept while a video is looked at: its tiles, and the one picture that makes the best poster."""

from __future__ import annotations

from av.video.frame import VideoFrame

from tasks.thumbnails.geometry import Pixels, Shrinker, Small, padded
from tasks.thumbnails.scoring import score
from tasks.thumbnails.storyboard import Sprite, webvtt

POSTER_BOX = (640, 360)
TILE_BOX = (320, 320)
"""Pixels. A tile is 320 wide, or 320 high where the video is taller than wide."""


class Album:
    """Takes the pictures as they are decoded and holds one of them in full size at a time, never a hundred."""

    def __init__(self, shrinker: Shrinker, cues: tuple[tuple[float, float], ...]) -> None:
        self._shrinker = shrinker
        self._cues = cues
        self._sprite = Sprite(len(cues))
        self._shown: dict[int, int] = {}  # number of the cue to number of the tile
        self._last: VideoFrame | None = None
        self._last_small: Small | None = None
        self._last_tile: int | None = None
        self._best: VideoFrame | None = None
        self.best_score = -1.0

    def take(self, frame: VideoFrame, cue: int | None = None) -> None:
        """Consider a picture for the poster, and show it in that cue; it may be the same as the last one."""
        if frame is not self._last or self._last_small is None:
            self._last, self._last_small, self._last_tile = (
                frame,
                self._shrinker.shrink(frame, TILE_BOX),
                None,
            )
            self._consider(frame, self._last_small)
        if cue is not None:
            if self._last_tile is None:
                self._last_tile = self._sprite.add(self._tile(frame, self._last_small))
            self._shown[cue] = self._last_tile

    def _tile(self, frame: VideoFrame, small: Small) -> Pixels:
        """The picture in colour, no larger than the first tile: a stream may change its size."""
        tile = self._shrinker.colour(small)
        size = self._sprite.size
        if size is None or (tile.shape[1] <= size[0] and tile.shape[0] <= size[1]):
            return tile
        return self._shrinker.colour(self._shrinker.shrink(frame, size))

    def _consider(self, frame: VideoFrame, small: Small) -> None:
        value = score(small.grey())
        if value > self.best_score:
            self._best, self.best_score = frame, value

    def poster(self) -> Pixels | None:
        """The best picture, fitted into 640 × 360 pixels on a dark ground; None when there was none."""
        if self._best is None:
            return None
        picture = self._shrinker.colour(self._shrinker.shrink(self._best, POSTER_BOX))
        return padded(picture, POSTER_BOX)

    def storyboard(self) -> tuple[Pixels, str]:
        """The sprite and its index. A cue whose picture could not be decoded shows the one before it."""
        if not self._shown and self._best is not None:
            tile = self._shrinker.colour(self._shrinker.shrink(self._best, TILE_BOX))
            self._shown[0] = self._sprite.add(tile)
        shown, current = [], 0
        for cue in range(len(self._cues)):
            current = self._shown.get(cue, current)
            shown.append(current)
        return self._sprite.pixels(), webvtt(self._cues, shown, self._sprite)

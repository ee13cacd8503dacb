"""The preview: a strip of small pictures from the whole film, shown one after the other on hover."""

from __future__ import annotations

import numpy as np

from tasks.thumbnails.encoding import resized
from tasks.thumbnails.scaler import Pixels, fit, padded

BOX = (192, 192)
"""Pixels. A frame is 192 wide, or 192 high if the video is taller than wide."""


class Preview:
    """Collects frames of the same size. Frame n of N shows the middle of the n-th of N equal parts."""

    def __init__(self, count: int) -> None:
        self._frames: dict[int, Pixels] = {}
        self._count = count
        self._size: tuple[int, int] | None = None

    def fitted(self, picture: Pixels) -> Pixels:
        """Return a picture in the size of the first frame."""
        height, width = picture.shape[:2]
        self._size = self._size or fit(width, height, BOX)
        return padded(resized(picture, fit(width, height, self._size)), self._size)

    def add(self, number: int, fitted: Pixels) -> None:
        """Add a frame that `fitted` returned. Several numbers may have the same frame."""
        self._frames[number] = fitted

    @property
    def is_empty(self) -> bool:
        """Return whether there is no frame yet."""
        return not self._frames

    def pixels(self) -> tuple[Pixels, int]:
        """Return the strip and the number of its frames. A missing frame shows the one before it."""
        known = sorted(self._frames)
        shown = [max((n for n in known if n <= number), default=known[0]) for number in range(self._count)]
        return np.hstack([self._frames[number] for number in shown]), self._count

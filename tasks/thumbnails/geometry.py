"""From decoded pictures to small upright ones: true aspect, rotation, one field of interlaced video."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""Grey of shape (height, width), or colour of shape (height, width, 4): red, green, blue, and a byte of no meaning.

Four bytes are what Pillow keeps, so that it takes the memory as it is.
"""

_HD_LINES = 720  # from here on, unmarked video is BT.709 (ITU-R BT.709), below it BT.601; swscale assumes 601
_PADDING = 16  # of 255: near black, so that the picture's own black does not stand out
_UNMARKED = 2  # AVCOL_SPC_UNSPECIFIED


def fit(width: float, height: float, box: tuple[int, int]) -> tuple[int, int]:
    """The largest even size of that shape inside `box` (width, height), at least 2 × 2."""
    factor = min(box[0] / width, box[1] / height)
    return _even(width * factor, box[0]), _even(height * factor, box[1])


def padded(picture: Pixels, box: tuple[int, int]) -> Pixels:
    """Return a picture in the middle of a dark background of `box` (width, height) pixels."""
    height, width = picture.shape[:2]
    if (width, height) == box:
        return picture
    canvas = np.full((box[1], box[0], 4), _PADDING, np.uint8)
    top, left = (box[1] - height) // 2, (box[0] - width) // 2
    canvas[top : top + height, left : left + width] = picture
    return canvas


def _even(length: float, most: int) -> int:
    return min(most, max(2, round(length / 2) * 2))


@dataclass(frozen=True, slots=True)
class Small:
    """A shrunk picture in 4:2:0, to be turned by `quarters` (counter-clockwise) until it is upright."""

    frame: VideoFrame
    quarters: int

    def grey(self) -> Pixels:
        """Its luma as it lies, without a copy."""
        plane = self.frame.planes[0]
        lines: Pixels = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        return lines[: self.frame.height, : self.frame.width]


class Shrinker:
    """Makes the pictures of one video small. `aspect` is the width over height of one of its pixels."""

    def __init__(self, aspect: float) -> None:
        self._aspect = aspect
        self._scaler = VideoReformatter()
        self._converter = VideoReformatter()
        self._fields: tuple[tuple[int, int, str], Graph] | None = None

    def shrink(self, frame: VideoFrame, box: tuple[int, int]) -> Small:
        """The picture as large as fits into `box` (width, height) once it is upright; of an interlaced one, a field.

        Two cheap steps lead to colour: swscale scales planes and converts small pictures in SIMD, but not both at
        once. Its AREA averages what it drops and costs no more than the bilinear filter.
        """
        quarters = round(frame.rotation / 90) % 4
        width, height = self._size(frame, quarters, box)
        small = self._scaler.reformat(
            self._field(frame), width, height, "yuv420p", interpolation=Interpolation.AREA, threads=1
        )
        if small.colorspace == _UNMARKED and frame.height >= _HD_LINES:
            small.colorspace = Colorspace.ITU709
        return Small(small, quarters)

    def colour(self, small: Small) -> Pixels:
        """The small picture in colour and upright."""
        frame = self._converter.reformat(small.frame, format="rgba", threads=1)
        colour = cast("Pixels", frame.to_ndarray())
        return np.rot90(colour, small.quarters) if small.quarters else colour

    def _size(self, frame: VideoFrame, quarters: int, box: tuple[int, int]) -> tuple[int, int]:
        width, height = frame.width * self._aspect, float(frame.height)
        if quarters % 2:
            return fit(height, width, box)[::-1]
        return fit(width, height, box)

    def _field(self, frame: VideoFrame) -> VideoFrame:
        """The upper field at half the height, so that what moved between the two shows no comb."""
        if not frame.interlaced_frame:
            return frame
        shape = (frame.width, frame.height, frame.format.name)
        if self._fields is None or self._fields[0] != shape:
            self._fields = (shape, _field_graph(frame))
        self._fields[1].vpush(frame)
        return self._fields[1].vpull()


def _field_graph(frame: VideoFrame) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )
    graph.link_nodes(source, graph.add("field", "type=top"), graph.add("buffersink")).configure()
    return graph

"""Scale decoded pictures to small upright ones with square pixels, screen colours and a single field.

Colours of HDR and wide gamuts are converted for BT.709 screens, with the same result as FFmpeg's filters.
Renditions use `zscale` and `tonemap` (see `tasks.renditions.filters`); PyAV has no `zscale`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import cast

import numpy as np
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from numpy.typing import NDArray

from tasks.media.colours import BT709, HLG, KNEE, PEAK, PQ, RGB, UNMARKED, WHITE, Colours, colours_of
from tasks.media.orientation import Orientation, orientation_of

Pixels = NDArray[np.uint8]
"""Grey of shape (height, width), or colour of shape (height, width, 4): red, green, blue, padding.

Pillow stores four bytes per pixel, so it can use the memory without a copy.
"""

# The matrices that swscale supports.
_MATRICES = frozenset({1, 4, 5, 6, 7, 9})
# Of 255: near black, so that black borders of the picture do not stand out.
_PADDING = 16

Light = NDArray[np.float32]

# ITU-R BT.1886.
_SCREEN_GAMMA = 2.4
_LEVELS = 1 << 16
# For a screen of 1,000 nits (ITU-R BT.2100).
_HLG_GAMMA = 1.2
_P3 = ((1.22494, -0.22494, 0.0), (-0.042057, 1.042057, 0.0), (-0.019638, -0.078636, 1.098274))
# Computed from the chromaticities, with white D65.
_TO_BT709 = {
    9: ((1.660491, -0.587641, -0.07285), (-0.12455, 1.1329, -0.008349), (-0.018151, -0.100579, 1.11873)),
    11: _P3,
    12: _P3,
}


def fit(width: float, height: float, box: tuple[int, int]) -> tuple[int, int]:
    """Return the largest even size with this shape inside `box` (width, height), at least 2 × 2."""
    factor = min(box[0] / width, box[1] / height)
    return _even(width * factor, box[0]), _even(height * factor, box[1])


def padded(picture: Pixels, box: tuple[int, int]) -> Pixels:
    """Return a picture centred on a dark background of `box` (width, height) pixels."""
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
class ScaledFrame:
    """A scaled picture in 4:2:0, before mirroring and rotation. `matrix` converts it to RGB."""

    frame: VideoFrame
    matrix: int
    orientation: Orientation

    def grey(self) -> Pixels:
        """Return its luma, without rotation and without a copy."""
        plane = self.frame.planes[0]
        lines: Pixels = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        return lines[: self.frame.height, : self.frame.width]


class Scaler:
    """Scales the pictures of one video.

    `aspect` is the width over height of one of its pixels; `matrix` is that of its `Film`.
    """

    def __init__(self, aspect: float, matrix: int = UNMARKED) -> None:
        self._aspect, self._matrix = aspect, matrix
        self._scaler = VideoReformatter()
        self._narrower = VideoReformatter()
        self._converter = VideoReformatter()
        self._fields: tuple[tuple[int, int, str], Graph] | None = None

    def shown_width(self, frame: VideoFrame) -> int:
        """Return the width of a picture when upright, in square pixels: an even number, at least 2."""
        width, height = frame.width * self._aspect, frame.height
        shown = height if orientation_of(frame).quarters % 2 else width
        return max(2, int(shown) // 2 * 2)

    def shrink(self, frame: VideoFrame, box: tuple[int, int]) -> ScaledFrame:
        """Return a picture that fits into `box` (width, height) when upright; for an interlaced one, a field.

        There are two cheap steps to colour, because swscale scales planes or converts small pictures in SIMD,
        not both at once. Its AREA algorithm averages the dropped pixels, and is as fast as the bilinear
        filter.
        """
        orientation, colours = orientation_of(frame), colours_of(frame, self._matrix)
        size = self._size(frame, orientation.quarters, box)
        field = self._field(frame)
        if colours.is_wide:
            field, colours = self._narrow(field, size, colours)
        matrix = _known(colours.matrix)
        small = self._scaler.reformat(
            field,
            *size,
            "yuv420p",
            src_colorspace=matrix,
            dst_colorspace=matrix,
            src_color_range=ColorRange.JPEG if colours.full else ColorRange.MPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.AREA,
            threads=1,
        )
        return ScaledFrame(small, matrix, orientation)

    def _narrow(
        self, frame: VideoFrame, size: tuple[int, int], colours: Colours
    ) -> tuple[VideoFrame, Colours]:
        """Return the small picture converted for BT.709 screens, and its new colours."""
        signal = self._narrower.reformat(
            frame,
            *size,
            "rgb48le",
            src_colorspace=_known(colours.matrix),
            src_color_range=ColorRange.JPEG if colours.full else ColorRange.MPEG,
            interpolation=Interpolation.AREA,
            threads=1,
        )
        shown = on_screen(cast("NDArray[np.uint16]", signal.to_ndarray()), colours)
        return VideoFrame.from_ndarray(shown, "rgb24"), Colours(RGB, BT709, BT709, full=True)

    def colour(self, small: ScaledFrame) -> Pixels:
        """Return a small picture in colour and upright."""
        frame = self._converter.reformat(
            small.frame,
            format="rgba",
            src_colorspace=small.matrix,
            src_color_range=ColorRange.MPEG,
            threads=1,
        )
        colour = cast("Pixels", frame.to_ndarray())
        if small.orientation.mirrored:
            colour = np.fliplr(colour)
        quarters = small.orientation.quarters
        return np.rot90(colour, quarters) if quarters else colour

    def _size(self, frame: VideoFrame, quarters: int, box: tuple[int, int]) -> tuple[int, int]:
        width, height = frame.width * self._aspect, float(frame.height)
        if quarters % 2:
            return fit(height, width, box)[::-1]
        return fit(width, height, box)

    def _field(self, frame: VideoFrame) -> VideoFrame:
        """Return the upper field of an interlaced picture, at half the height.

        Both fields would show combing.
        """
        if not frame.interlaced_frame:
            return frame
        shape = (frame.width, frame.height, frame.format.name)
        if self._fields is None or self._fields[0] != shape:
            self._fields = (shape, _field_graph(frame))
        self._fields[1].vpush(frame)
        return self._fields[1].vpull()


def _known(matrix: int) -> int:
    """Return the matrix if swscale supports it; otherwise, and for RGB, BT.709."""
    return matrix if matrix in _MATRICES else BT709


def _field_graph(frame: VideoFrame) -> Graph:
    graph = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )
    graph.link_nodes(source, graph.add("field", "type=top"), graph.add("buffersink")).configure()
    return graph


def on_screen(signal: NDArray[np.uint16], colours: Colours) -> NDArray[np.uint8]:
    """Convert a picture of 16 bits to red, green and blue in 8 bits, shape (height, width, 3)."""
    light: Light = _light(colours.transfer)[signal]
    if colours.primaries in _TO_BT709:
        light = light @ np.array(_TO_BT709[colours.primaries], np.float32).T
    if colours.is_hdr:
        light = _squeezed(light)
    shown = np.clip(light, 0, 1) ** (1 / _SCREEN_GAMMA)
    pixels: NDArray[np.uint8] = np.rint(shown * 255).astype(np.uint8)
    return pixels


@cache
def _light(transfer: int) -> Light:
    """Return the light of each signal level; 1 is white."""
    signal = np.arange(_LEVELS) / (_LEVELS - 1)
    # SMPTE ST 2084.
    if transfer == PQ:
        root = signal ** (1 / 78.84375)
        light = (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
        return (light * (10_000 / WHITE)).astype(np.float32)
    # ARIB STD-B67.
    if transfer == HLG:
        light = np.where(
            signal <= 0.5, signal**2 / 3, (np.exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12
        )
        # In BT.2100 a screen raises luma to this power. Zimg applies it to each channel, which is close.
        return (light**_HLG_GAMMA * (PEAK / WHITE)).astype(np.float32)
    return (signal**_SCREEN_GAMMA).astype(np.float32)


def _squeezed(light: Light) -> Light:
    """Compress light above the knee with the curve that FFmpeg's `tonemap` calls Möbius; hues stay."""
    peak = PEAK / WHITE
    a = -(KNEE**2) * (peak - 1) / (KNEE**2 - 2 * KNEE + peak)
    b = (KNEE**2 - 2 * KNEE * peak + peak) / (peak - 1)
    most = np.maximum(light.max(axis=-1), KNEE)
    curve = (b**2 + 2 * b * KNEE + KNEE**2) / (b - a) * (most + a) / (most + b)
    squeezed: Light = light * (curve / most)[..., None]
    return squeezed

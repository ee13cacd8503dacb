"""Interpret the numbers of a picture as colours, and decide whether BT.709 screens need a conversion.

The numbers are code points of ITU-T H.273, which libav and zimg also use.
"""

from __future__ import annotations

from dataclasses import dataclass

from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

UNMARKED = 2
# Matrices; all but the first are also primaries.
RGB, BT709, BT601, BT2020 = 0, 1, 6, 9
PQ, HLG = 16, 18
"""Transfer functions of ITU-R BT.2100."""
WHITE, PEAK = 203.0, 1000.0
"""Nits of white in HDR (ITU-R BT.2408), which becomes the white of SDR, and of the brightest detail."""
KNEE = 0.9
"""Share of that white up to which light stays as it is; brighter light is compressed above it."""

# Matrices that zimg supports for every transfer function.
_MATRICES = frozenset({1, 4, 5, 6, 7, 8, 9})
# Matrices that browsers also support: BT.709 and the two of BT.601.
_PLAYED = frozenset({1, 5, 6})
# Primaries: BT.2020, DCI-P3 and Display P3.
_WIDE = frozenset({9, 11, 12})
# Unmarked video with this many lines or more is BT.709 (ITU-R BT.709), else BT.601. Swscale assumes BT.601.
_HD_LINES = 720
_NO_YUV = ("pal", "xyz", "mono", "bayer")


@dataclass(frozen=True, slots=True)
class Colours:
    """The matrix (0 for RGB), primaries and transfer function (709, PQ or HLG) of a picture, and its range.

    `full`: it uses the full range of numbers. Unmarked values have the usual defaults.
    """

    matrix: int
    primaries: int
    transfer: int
    full: bool

    @property
    def is_hdr(self) -> bool:
        """Return whether it is HDR."""
        return self.transfer in (PQ, HLG)

    @property
    def is_wide(self) -> bool:
        """Return whether its light must be converted, not only its numbers."""
        return self.is_hdr or self.primaries in _WIDE

    @property
    def plays(self) -> bool:
        """Return whether browsers show the same numbers correctly in 4:2:0 and 8 bits."""
        return self.matrix in _PLAYED and not self.full and not self.is_wide


def said_matrix(video: VideoStream) -> int:
    """Return the container's matrix for a JPEG track. Call this before a picture is decoded.

    JPEG cannot store it, so the decoder reports BT.601 for each picture. Other codecs report it correctly.
    """
    codec = video.codec_context
    return int(codec.colorspace) if codec.codec.canonical_name == "mjpeg" else UNMARKED


def colours_of(picture: VideoFrame, said: int = UNMARKED) -> Colours:
    """Return the colours of a decoded picture; `said` is the container's matrix, which has precedence."""
    transfer = picture.color_trc if picture.color_trc in (PQ, HLG) else BT709
    primaries = int(picture.color_primaries)
    if primaries not in _WIDE:
        primaries = BT2020 if transfer != BT709 and primaries == UNMARKED else BT709
    if is_rgb(picture.format):
        return Colours(RGB, primaries, transfer, full=True)
    full = picture.color_range == ColorRange.JPEG or picture.format.name.startswith("yuvj")
    matrix = said if said in _MATRICES else _matrix(picture, primaries)
    return Colours(matrix, primaries, transfer, full)


def is_rgb(pixels: VideoFormat) -> bool:
    """Return whether pixels are RGB, or become RGB without a matrix (palettes, XYZ)."""
    return pixels.is_rgb or pixels.name.startswith(_NO_YUV)


def _matrix(picture: VideoFrame, primaries: int) -> int:
    if picture.colorspace in _MATRICES:
        return int(picture.colorspace)
    if primaries == BT2020:
        return BT2020
    return BT709 if max(picture.height, picture.width * 9 // 16) >= _HD_LINES else BT601

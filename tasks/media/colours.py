"""What the numbers of a picture mean as colours, and whether a screen of BT.709 needs others.

The numbers are the code points of ITU-T H.273, as libav and zimg have them, too.
"""

from __future__ import annotations

from dataclasses import dataclass

from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream

UNMARKED = 2
RGB, BT709, BT601, BT2020 = 0, 1, 6, 9  # matrices; of primaries, too, but for the first
PQ, HLG = 16, 18
"""Transfer functions of ITU-R BT.2100."""
WHITE, PEAK = 203.0, 1000.0
"""Nits of white in HDR (ITU-R BT.2408), which becomes the white of SDR, and of the brightest light that keeps its detail."""
KNEE = 0.9
"""Share of that white up to which light stays as it is; what is brighter is squeezed in between."""

_MATRICES = frozenset({1, 4, 5, 6, 7, 8, 9})  # those that zimg knows, whatever the transfer function is
_PLAYED = frozenset({1, 5, 6})  # those that browsers know, too: BT.709 and the two of BT.601
_WIDE = frozenset({9, 11, 12})  # primaries: BT.2020, DCI-P3 and Display P3
_HD_LINES = 720  # from here on, unmarked video is BT.709 (ITU-R BT.709), below it BT.601; swscale assumes 601
_NO_YUV = ("pal", "xyz", "mono", "bayer")


@dataclass(frozen=True, slots=True)
class Colours:
    """The matrix (0 for RGB), the primaries and the transfer function of a picture (709, PQ or HLG), and whether it uses the
    full range of numbers. What is not marked has what such pictures have."""

    matrix: int
    primaries: int
    transfer: int
    full: bool

    @property
    def is_hdr(self) -> bool:
        """Whether it has more light than a screen of SDR."""
        return self.transfer in (PQ, HLG)

    @property
    def is_wide(self) -> bool:
        """Whether its light has to be converted, not only its numbers."""
        return self.is_hdr or self.primaries in _WIDE

    @property
    def plays(self) -> bool:
        """Whether browsers show the same numbers in 4:2:0 and 8 bits right."""
        return self.matrix in _PLAYED and not self.full and not self.is_wide


def said_matrix(video: VideoStream) -> int:
    """Return the matrix that the container says a track of JPEG has. Ask before a picture is decoded.

    JPEG has no place for it, and the decoder then says BT.601 of each picture. What other codecs say is right.
    """
    codec = video.codec_context
    return int(codec.colorspace) if codec.codec.canonical_name == "mjpeg" else UNMARKED


def colours_of(picture: VideoFrame, said: int = UNMARKED) -> Colours:
    """Return the colours of a decoded picture; `said` is what its container knows better about its matrix."""
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
    """Return whether pixels are red, green and blue, or become so without a matrix (palettes, XYZ)."""
    return pixels.is_rgb or pixels.name.startswith(_NO_YUV)


def _matrix(picture: VideoFrame, primaries: int) -> int:
    if picture.colorspace in _MATRICES:
        return int(picture.colorspace)
    if primaries == BT2020:
        return BT2020
    return BT709 if max(picture.height, picture.width * 9 // 16) >= _HD_LINES else BT601

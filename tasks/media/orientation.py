"""The rotation and mirroring of a picture before it is shown."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import cast

from av.sidedata.sidedata import SideData, SideDataContainer
from av.video.frame import VideoFrame

# Fixed-point numbers, in rows (ISO/IEC 14496-12 §6.2.2).
_MATRIX = struct.Struct("=9i")


@dataclass(frozen=True, slots=True)
class Orientation:
    """A picture is first mirrored left to right, and then rotated by `degrees` counter-clockwise."""

    degrees: int = 0
    mirrored: bool = False

    @property
    def quarters(self) -> int:
        """Return the nearest number of quarter turns, 0 to 3."""
        return round(self.degrees / 90) % 4


def orientation_of(picture: VideoFrame) -> Orientation:
    """Return the orientation that a picture's display matrix asks for."""
    matrix = cast("SideData | None", _side_data(picture).get("DISPLAYMATRIX"))
    if matrix is None or len(content := bytes(matrix)) < _MATRIX.size:
        return Orientation()
    a, b, _, c, d, *_ = _MATRIX.unpack_from(content)
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    return Orientation(round(-math.degrees(math.atan2(b, a))) % 360, mirrored)


def _side_data(picture: VideoFrame) -> SideDataContainer:
    """Return the side data of a picture.

    `picture.side_data` would store them in the picture. They refer to the picture, so its pixels would stay
    in memory until the garbage collector runs.
    """
    # PyAV's stubs lack its constructor.
    return SideDataContainer(picture)  # type: ignore[call-arg]

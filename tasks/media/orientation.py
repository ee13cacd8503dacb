"""How a picture is turned and mirrored before it is shown."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import cast

from av.sidedata.sidedata import SideData, SideDataContainer
from av.video.frame import VideoFrame

_MATRIX = struct.Struct("=9i")  # of fixed-point numbers, in rows (ISO/IEC 14496-12 §6.2.2)


@dataclass(frozen=True, slots=True)
class Orientation:
    """A picture is mirrored first, left to right, and turned by `degrees` counter-clockwise then."""

    degrees: int = 0
    mirrored: bool = False

    @property
    def quarters(self) -> int:
        """The nearest quarters of a turn, 0 to 3."""
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

    `picture.side_data` would keep them in the picture. As they hold the picture, too, its pixels would stay until
    the garbage collector runs.
    """
    return SideDataContainer(picture)  # type: ignore[call-arg]  # PyAV's stubs lack its constructor

"""FFmpeg filters that convert any picture to one that browsers show: progressive, BT.709 and 4:2:0."""

from __future__ import annotations

from collections.abc import Iterator

from tasks.media.colours import BT709, KNEE, PEAK, RGB, WHITE, Colours

# The RGB formats of the filters below, with the precision of the source.
_PLANAR = "format=gbrp|gbrp10le|gbrp12le|gbrp16le"
# Progressive pictures pass unchanged.
_DEINTERLACED = "bwdif=deint=interlaced"
# 4:2:0 needs even numbers of columns and lines.
_EVEN = "crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0"
_BT709 = f"p={BT709}:t={BT709}:m={BT709}:r=limited"
_TONES = f"tonemap=mobius:param={KNEE}:peak={PEAK / WHITE:.4f}:desat=0"
# Metadata of HDR mastering displays.
_FORGOTTEN = (
    "sidedata=mode=delete:type=MASTERING_DISPLAY_METADATA",
    "sidedata=mode=delete:type=CONTENT_LIGHT_LEVEL",
    "sidedata=mode=delete:type=DYNAMIC_HDR_PLUS",
)


def filters(colours: Colours | None, *, fields: bool) -> str:
    """Return the filter chain for pictures of these colours; None if the colours are unknown.

    `fields`: some pictures may be interlaced. Then the encoder expects twice the frame rate, and players need
    the H.264 level for that.
    """
    return ",".join(_chain(colours, fields))


def _chain(colours: Colours | None, fields: bool) -> Iterator[str]:
    if colours is not None and colours.matrix == RGB:
        yield _PLANAR
    if fields:
        yield _DEINTERLACED
    yield _EVEN
    if colours is None or colours.plays:
        return
    yield from _hdr(colours) if colours.is_hdr else (f"zscale={_read(colours)}:{_BT709}:d=ordered",)
    yield "format=yuv420p"


def _hdr(colours: Colours) -> Iterator[str]:
    """Yield filters that work on linear light in floating point, where 1 is white, one picture at a time."""
    yield f"zscale={_read(colours)}:t=linear:p={BT709}:npl={WHITE:g}"
    yield "format=gbrpf32le"
    yield _TONES
    yield f"zscale={_BT709}:npl={WHITE:g}:d=ordered"
    yield from _FORGOTTEN


def _read(colours: Colours) -> str:
    span = "full" if colours.full else "limited"
    return f"min={colours.matrix}:pin={colours.primaries}:tin={colours.transfer}:rin={span}"

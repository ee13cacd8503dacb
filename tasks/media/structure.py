"""Read the outline of a container without decoding: where its index is, and whether the file is complete.

Sources: ISO/IEC 14496-12 §4.2 (boxes), RFC 8794 and RFC 9559 (EBML, Matroska), SMPTE ST 377-1 §7.1 (MXF
partition packs), Microsoft's RIFF. Sizes come from the file and may be hostile: every walk is bounded.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from catalog_models.values import Moov
from tasks.media.source_protocol import Source

# A fragmented file has thousands, and each costs a round trip to the NAS.
_MOST_BOXES = 256
_MOST_BEFORE_KNOWN = 8
_KNOWN_BOXES = frozenset(
    b"ftyp moov mdat moof mfra free skip wide uuid sidx ssix styp emsg prft meta pdin pnot udta PICT junk".split()
)
_MEDIA_BOXES = frozenset([b"mdat", b"moof"])
_TO_DATA = (b"trak", b"mdia", b"minf", b"dinf", b"dref")
_EBML = b"\x1a\x45\xdf\xa3"
_SEGMENT = b"\x18\x53\x80\x67"
_MXF_HEADER_PARTITION = bytes.fromhex("060e2b34020501010d0102010102")


@dataclass(frozen=True, slots=True)
class Structure:
    """The outline of a file. `moov` is None if it is not an MP4.

    `truncated`: the file ends before its structure does. `reference`: the file is whole, but its media are in
    other files (QuickTime File Format, "Data References").
    """

    moov: Moov | None = None
    truncated: bool = False
    reference: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A box of an MP4. Its content begins at `body`; its `end` may be beyond the end of the file."""

    kind: bytes
    start: int
    body: int
    end: int


def structure(source: Source) -> Structure:
    """Read the outline of an MP4, MOV, Matroska, AVI or MXF; for other formats it is unknown."""
    head = source.read(64, 0)
    if head[4:8] in _KNOWN_BOXES:
        return _mp4(source)
    if head.startswith(_EBML):
        return Structure(truncated=_matroska_end(head) > source.size)
    if head.startswith(b"RIFF"):
        return Structure(truncated=int.from_bytes(head[4:8], "little") + 8 > source.size)
    if head.startswith(_MXF_HEADER_PARTITION):
        return Structure(truncated=_mxf_footer(head) >= source.size)
    if any(box.kind in _KNOWN_BOXES for box in islice(boxes(source), _MOST_BEFORE_KNOWN)):
        return _mp4(source)
    return Structure()


def boxes(source: Source, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Yield the boxes from `start` on, of any kind: no list of kinds is complete."""
    end = source.size if end is None else end
    for _ in range(_MOST_BOXES):
        header = source.read(16, start)
        length = _box_length(header, end - start) if len(header) >= 8 else 0
        if length < 8:
            return
        wide = header[:4] == b"\0\0\0\1"
        yield Box(header[4:8], start, start + (16 if wide else 8), start + length)
        start += length
        if start >= end:
            return


def _box_length(header: bytes, rest: int) -> int:
    (short,) = struct.unpack_from(">I", header)
    # The box extends to the end of the file.
    if short == 0:
        return rest
    # The length follows in 64 bits.
    if short == 1:
        return struct.unpack_from(">Q", header, 8)[0] if len(header) == 16 else 0
    return int(short)


def _mp4(source: Source) -> Structure:
    """Return the structure of an MP4.

    A box that ends beyond the end of the file shows that something is missing. After the media and their
    index it may be trailing bytes that only look like a box.
    """
    kinds: list[bytes] = []
    cut = False
    for box in boxes(source):
        kinds.append(box.kind)
        complete = b"moov" in kinds[:-1] and not _MEDIA_BOXES.isdisjoint(kinds[:-1])
        cut = box.end > source.size and (box.kind in {b"moov", *_MEDIA_BOXES} or not complete)
    media = min((kinds.index(kind) for kind in _MEDIA_BOXES if kind in kinds), default=None)
    if b"moov" not in kinds:
        return Structure(truncated=len(kinds) < _MOST_BOXES)
    if media is None:
        reference = not cut and _refers_elsewhere(source)
        return Structure(Moov.FIRST, truncated=not reference, reference=reference)
    return Structure(Moov.FIRST if kinds.index(b"moov") < media else Moov.LAST, truncated=cut)


def _refers_elsewhere(source: Source) -> bool:
    """Return whether the media are in other files: by `rmra`, or by its data references."""
    moov = next(box for box in boxes(source) if box.kind == b"moov")
    if any(box.kind == b"rmra" for box in boxes(source, moov.body, moov.end)):
        return True
    found = [
        _flags(source, entry) for dref in _inside(source, moov, _TO_DATA) for entry in _entries(source, dref)
    ]
    return bool(found) and not any(flags & 1 for flags in found)


def _inside(source: Source, box: Box, path: tuple[bytes, ...]) -> Iterator[Box]:
    if not path:
        yield box
        return
    for inner in boxes(source, box.body, box.end):
        if inner.kind == path[0]:
            yield from _inside(source, inner, path[1:])


def _entries(source: Source, dref: Box) -> Iterator[Box]:
    """Yield the entries of a `dref`, which follow its version, flags and count."""
    return boxes(source, dref.body + 8, dref.end)


def _flags(source: Source, box: Box) -> int:
    return int.from_bytes(source.read(4, box.body)[1:], "big")


def _matroska_end(head: bytes) -> int:
    """Return the end of the Segment; 0 if it has none (a live recording) or is not at the expected place."""
    length, width = _vint(head[4:])
    segment = 4 + width + length
    if not width or head[segment : segment + 4] != _SEGMENT:
        return 0
    length, width = _vint(head[segment + 4 :])
    return segment + 4 + width + length if width else 0


def _vint(data: bytes) -> tuple[int, int]:
    """Return an EBML variable-size integer and its width in bytes.

    Width 0: unknown or cut off (RFC 8794 §4 and §6.2).
    """
    width = 9 - data[0].bit_length() if data else 0
    if not 1 <= width <= 8 or len(data) < width:
        return 0, 0
    value = int.from_bytes(data[:width], "big") & ((1 << 7 * width) - 1)
    return (0, 0) if value == (1 << 7 * width) - 1 else (value, width)


def _mxf_footer(head: bytes) -> int:
    """Return the byte offset of the footer partition; 0 if the header has none."""
    first = head[16] if len(head) > 16 else 0
    # After the key and the BER length.
    value = 17 + (first & 0x7F if first & 0x80 else 0)
    # After versions (4), KAG (4), this (8) and previous (8) partition.
    offset = head[value + 24 : value + 32]
    return int.from_bytes(offset, "big") if len(offset) == 8 else 0

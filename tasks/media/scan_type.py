"""The scan type of compressed pictures: whether their headers rule out interlaced ones.

A header costs microseconds, a decoded picture milliseconds. `False` means that only decoding can show it.

Sources: ITU-T H.264 §7.3.2.1 and ISO/IEC 14496-15 §5.3 (H.264), ITU-T H.265 §7.3.3, ITU-T H.262 §6.2.3.1
(MPEG-2), SMPTE RDD 36 §5.1 (ProRes).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from av.packet import Packet
from av.video.stream import VideoStream

_NEVER_INTERLACED = frozenset({"av1", "vp8", "vp9"})
# Bytes of a packet in which its headers are sought.
_HEAD = 2048
_START = b"\0\0\1"
_H264_SPS, _HEVC_SPS = 7, 33
# Profiles whose parameter sets have the fields of `_skip_high_profile`.
_HIGH_PROFILES = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})
_YUV_444 = 3


def is_progressive(video: VideoStream, key: Packet[VideoStream]) -> bool:
    """Return whether the headers of a key packet, and those of its track, rule out an interlaced picture."""
    codec = video.codec_context.codec.canonical_name
    if codec in _NEVER_INTERLACED:
        return True
    rule = _RULES.get(codec)
    # The decoder must see a change of the track's headers.
    if rule is None or key.has_sidedata("new_extradata"):
        return False
    try:
        return rule(video.codec_context.extradata or b"", bytes(memoryview(key)[:_HEAD]))
    # Damaged headers.
    except (EOFError, IndexError):
        return False


def _h264(track: bytes, packet: bytes) -> bool:
    sets = [unit for unit in _units(_avc_record, track, packet) if unit[0] & 0x1F == _H264_SPS]
    return bool(sets) and all(map(_has_frames_only, sets))


def _hevc(track: bytes, packet: bytes) -> bool:
    sets = [unit for unit in _units(_hevc_record, track, packet) if unit[0] >> 1 & 0x3F == _HEVC_SPS]
    return bool(sets) and all(map(_has_progressive_source, sets))


def _mpeg2(_track: bytes, packet: bytes) -> bool:
    """Read `progressive_frame` of the picture coding extension."""
    at = packet.find(_START + b"\xb5")
    while at >= 0 and len(packet) > at + 8:
        if packet[at + 4] >> 4 == 8:
            return bool(packet[at + 8] & 0x80)
        at = packet.find(_START + b"\xb5", at + 4)
    return False


def _prores(_track: bytes, packet: bytes) -> bool:
    """Read `interlace_mode` of the frame header."""
    return packet[4:8] == b"icpf" and len(packet) > 20 and not packet[20] >> 2 & 3


_RULES: dict[str, Callable[[bytes, bytes], bool]] = {
    "h264": _h264,
    "hevc": _hevc,
    "mpeg2video": _mpeg2,
    "prores": _prores,
}


Record = tuple[list[bytes], int]
"""The NAL units in the record of a track, and the bytes of each length in its packets."""


def _units(read_record: Callable[[bytes], Record], track: bytes, packet: bytes) -> list[bytes]:
    """Return the NAL units that describe a packet of H.264 or HEVC; the last one may be cut off.

    MP4 and Matroska have them in the track's record, and lengths in a packet. Other containers repeat them in
    each key packet after start codes; the track's own record may be outdated.
    """
    if track[:1] != b"\1":
        return [unit for unit in packet.split(_START)[1:] if unit]
    units, width = read_record(track)
    return [*units, *_with_lengths(packet, width)]


def _with_lengths(data: bytes, width: int, most: int = 64) -> Iterator[bytes]:
    """Yield at most `most` units, each behind its length of `width` bytes."""
    at = 0
    while most and len(data) > at + width:
        begin = at + width
        at = begin + int.from_bytes(data[at:begin], "big")
        most -= 1
        if at > begin:
            yield data[begin:at]


def _avc_record(track: bytes) -> Record:
    return list(_with_lengths(track[6:], 2, track[5] & 0x1F)), (track[4] & 3) + 1


def _hevc_record(track: bytes) -> Record:
    units: list[bytes] = []
    at = 23
    for _ in range(track[22]):
        found = list(_with_lengths(track[at + 3 :], 2, int.from_bytes(track[at + 1 : at + 3], "big")))
        units += found
        at += 3 + sum(2 + len(unit) for unit in found)
    return units, (track[21] & 3) + 1


@lru_cache(maxsize=64)
def _has_frames_only(unit: bytes) -> bool:
    """Return `frame_mbs_only_flag` of a sequence parameter set of H.264."""
    bits = _Bits(unit[1:])
    profile = bits.take(8)
    bits.take(16)
    bits.codes(1)
    if profile in _HIGH_PROFILES:
        _skip_high_profile(bits)
    bits.codes(1)
    _skip_picture_order(bits)
    bits.codes(1)
    bits.take(1)
    bits.codes(2)
    return bits.take(1) == 1


def _skip_picture_order(bits: _Bits) -> None:
    order = bits.code()
    if order == 0:
        bits.codes(1)
    elif order == 1:
        bits.take(1)
        bits.codes(2)
        bits.codes(min(255, bits.code()))


def _skip_high_profile(bits: _Bits) -> None:
    """Skip the chroma format, the bit depths and the scaling matrices."""
    chroma = bits.code()
    if chroma == _YUV_444:
        bits.take(1)
    bits.codes(2)
    bits.take(1)
    if not bits.take(1):
        return
    for number in range(12 if chroma == _YUV_444 else 8):
        if bits.take(1):
            _skip_scaling_list(bits, 16 if number < 6 else 64)


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    scale = 8
    for _ in range(size):
        code = bits.code()
        scale = (scale + (-code // 2 if code % 2 == 0 else (code + 1) // 2)) % 256
        if scale == 0:
            return


def _has_progressive_source(unit: bytes) -> bool:
    """Return whether a sequence parameter set of HEVC marks all pictures as progressive."""
    flags = _unescaped(unit)[8:9]
    return bool(flags) and flags[0] >> 6 == 0b10


def _unescaped(unit: bytes) -> bytes:
    """Remove the emulation prevention bytes of a NAL unit."""
    return unit.replace(b"\0\0\3", b"\0\0")


class _Bits:
    """Reads a NAL unit bit by bit. Raises EOFError at its end."""

    def __init__(self, unit: bytes) -> None:
        data = _unescaped(unit)
        self._left = len(data) * 8
        self._number = int.from_bytes(data, "big")

    def take(self, count: int) -> int:
        """Return the number in the next `count` bits."""
        self._left -= count
        if self._left < 0:
            raise EOFError
        return self._number >> self._left & ((1 << count) - 1)

    def code(self) -> int:
        """Return the next exponential Golomb code, ue(v)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)

    def codes(self, count: int) -> None:
        """Skip some codes."""
        for _ in range(count):
            self.code()

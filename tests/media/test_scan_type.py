"""Headers that rule out interlaced pictures: they never rule out an actually interlaced one."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import av
import pytest

from tasks.media.container import VideoPacket, decode_from, is_encrypted, packets
from tasks.media.scan_type import is_progressive
from tests.media.clips import ffmpeg

X264 = "-c:v libx264 -preset ultrafast -g 10"
X265 = "-c:v libx265 -preset ultrafast -x265-params log-level=none"
FIELDS = "-vf tinterlace=interleave_top,setfield=tff -flags +ilme+ildct"
CODECS = {
    "h264-baseline.mp4": f"{X264} -profile:v baseline -pix_fmt yuv420p",
    "h264-high.mkv": "-c:v libx264 -preset fast -g 10 -pix_fmt yuv420p",
    "h264-jvt-scaling.mov": "-c:v libx264 -preset fast -x264-params cqm=jvt -pix_fmt yuv420p",
    "h264-422-10-bit.mov": f"{X264} -pix_fmt yuv422p10le",
    "h264-444.mp4": "-c:v libx264 -preset fast -x264-params cqm=jvt -pix_fmt yuv444p",
    "h264-intra.mxf": f"{X264} -g 1 -pix_fmt yuv422p10le -color_primaries bt709",
    "h264.ts": f"{X264} -pix_fmt yuv420p",
    "h264.avi": f"{X264} -pix_fmt yuv420p",
    "hevc.mp4": X265,
    "hevc.ts": X265,
    "hevc-tagged.mov": f"{X265} -tag:v hvc1 -pix_fmt yuv422p10le",
    "mpeg2.mxf": "-c:v mpeg2video -r 25",
    "mpeg2.ts": "-c:v mpeg2video",
    "mpeg2.vob": "-c:v mpeg2video -f vob",
    "prores.mov": "-c:v prores_ks",
    "vp9.webm": "-c:v libvpx-vp9 -deadline realtime -cpu-used 8",
}


def keys(path: Path) -> list[tuple[bool, bool]]:
    """Return for each key packet what its headers say, and whether its picture is interlaced."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        found = []
        for packet in packets(container, video):
            if packet.is_keyframe and not is_encrypted(packet):
                said = is_progressive(video, packet)
                picture = decode_from(video, packet, iter(()))
                found.append((said, picture is not None and bool(picture.interlaced_frame)))
        return found


def made(path: Path, options: str) -> Path:
    source = "-f lavfi -i testsrc2=size=192x160:rate=50:duration=0.6"
    ffmpeg(*source.split(), *options.split(), str(path))
    return path


@pytest.mark.parametrize("name", CODECS)
def test_headers_of_progressive_pictures_are_recognised(tmp_path: Path, name: str) -> None:
    found = keys(made(tmp_path / name, CODECS[name]))
    assert found
    assert all(one == (True, False) for one in found)


@pytest.mark.parametrize("name", sorted(name for name in CODECS if name[:2] in {"h2", "mp", "pr"}))
def test_interlaced_pictures_never_count_as_progressive(tmp_path: Path, name: str) -> None:
    if "baseline" in name:
        name = "h264-main.mp4"
    options = CODECS.get(name, f"{X264} -pix_fmt yuv420p")
    found = keys(made(tmp_path / name, f"{FIELDS} {options}"))
    assert found
    assert all(one == (False, True) for one in found)


@pytest.mark.parametrize(
    "name", ["h264-high.mkv", "h264.ts", "hevc.mp4", "hevc.ts", "mpeg2.ts", "prores.mov"]
)
def test_damaged_headers_rule_out_nothing_and_raise_nothing(tmp_path: Path, name: str) -> None:
    path = made(tmp_path / name, CODECS[name])
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        key = next(packet for packet in packets(container, video) if packet.is_keyframe)
        whole = bytes(key)
        for length in range(1, min(len(whole), 200)):
            is_progressive(video, cast("VideoPacket", av.Packet(whole[:length])))
        record = video.codec_context.extradata or b""
        for length in range(len(record)):
            video.codec_context.extradata = record[:length]
            is_progressive(video, key)

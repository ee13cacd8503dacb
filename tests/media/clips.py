"""Small clips of every kind, made by the ffmpeg of the package imageio-ffmpeg, each once a session."""

from __future__ import annotations

import os
import struct
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import imageio_ffmpeg

Seen = tuple[bytes, int, int]
"""What a scan knows of a file: its path, size and mtime in nanoseconds."""

PATTERN = "-f lavfi -i testsrc2=size=320x240:rate=25:duration={seconds}"
TONE = "-f lavfi -i sine=duration={seconds}"
TINY = "-f lavfi -i testsrc2=size=64x48:rate=25:duration={seconds}"
# Shows its time by its brightness.
CLOCK = "-f lavfi -i color=white:size=64x48:rate=25:duration={0},fade=duration={0}"
TONE_ON_0 = "-f lavfi -i aevalsrc=0.5*sin(2*PI*440*t)"
PCM = "-c:v libx264 -preset ultrafast -c:a pcm_s16le -ar 48000"
H264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"

RECIPES = {
    "plain.mp4": f"{PATTERN} {TONE} {H264} -c:a aac -movflags +faststart",
    "late.mp4": f"{PATTERN} {H264}",
    "long.mp4": f"-f lavfi -i testsrc2=size=64x48:rate=5:duration=1230 {H264} -g 25",
    "plain.mkv": f"{PATTERN} {TONE} {H264} -c:a aac",
    "plain.webm": f"{PATTERN} -c:v libvpx -deadline realtime -cpu-used 8 -frames:v 10",
    "plain.ts": f"{PATTERN} {H264} -g 50",
    "plain.mov": f"{PATTERN} {TONE} {H264} -c:a aac",
    "prores.mov": f"{PATTERN} {TONE} -c:v prores_ks -c:a pcm_s16le",
    "mpeg2.mxf": f"{PATTERN} {TONE} -c:v mpeg2video -c:a pcm_s16le -ar 48000",
    "plain.avi": f"{PATTERN} -c:v mpeg4",
    "hevc.mp4": f"{PATTERN} -c:v libx265 -x265-params log-level=none -preset ultrafast",
    "444.mp4": f"{PATTERN} -c:v libx264 -preset ultrafast -pix_fmt yuv444p",
    "wide-pixels.mp4": f"{PATTERN} {H264} -aspect 16:9",
    "interlaced.mp4": (
        f"-f lavfi -i testsrc2=size=320x240:rate=50:duration=2 -vf tinterlace=interleave_top,setfield=tff "
        f"{H264} -flags +ilme+ildct"
    ),
    "encrypted.mp4": (
        f"{PATTERN} {H264} -encryption_scheme cenc-aes-ctr -encryption_key 76a6c65c5ea762046bd749a2e632ccbb"
        " -encryption_kid a7e61c373e219033c21091fa607bf3b8"
    ),
    "one-frame.mp4": f"{PATTERN} {H264} -frames:v 1",
    "sound-only.mp4": f"{TONE} -c:a aac",
    "cover-only.mp4": f"{TONE} {PATTERN} -map 0 -map 1 -frames:v 1 -c:a aac -c:v mjpeg -disposition:v attached_pic",
    "picture.png": f"{PATTERN} -frames:v 1",
    "black.mp4": f"-f lavfi -i color=black:size=320x240:rate=25:duration={{seconds}} {H264}",
    "lead-in.mp4": (
        "-f lavfi -i color=black:size=320x240:rate=25:duration=4 -f lavfi -i smptebars=size=320x240:rate=25:duration=4"
        " -f lavfi -i testsrc2=size=320x240:rate=25:duration=2 -filter_complex [0][1][2]concat=n=3"
        f" {H264} -g 12"
    ),
    "dark-start.mp4": (  # its only keyframe is black
        "-f lavfi -i color=black:size=320x240:rate=25:duration=1 -f lavfi -i testsrc2=size=320x240:rate=25:duration=4"
        f" -filter_complex [0][1]concat=n=2 {H264} -g 999 -x264-params scenecut=0"
    ),
    "tiny.ts": f"{TINY} {H264} -g 25",
    "tiny.vob": f"{TINY} -c:v mpeg2video -f vob",
    "clock.ts": f"{CLOCK.format(3)} {H264} -g 25",
    "long-gop.mpg": f"{CLOCK.format(45)} -c:v mpeg2video -q:v 2 -g 250 -bf 2 -sc_threshold 1000000000",
    "long-gop.ts": f"{CLOCK.format(45)} {H264} -g 250 -x264-params scenecut=0",
    "film-order.mov": f"{TINY} {TONE_ON_0}|0|0.5*sin(2*PI*880*t)|0|0|0:d=1:channel_layout=FL+FC+FR+BL+BR+LFE {PCM}",
    "swapped.mov": f"{TINY} {TONE_ON_0}|0.5*sin(2*PI*880*t):d=1:channel_layout=FR+FL {PCM}",
    "three-of-four.mov": f"{TINY} {TONE_ON_0}|0.5*sin(2*PI*880*t)|0|0:d=1:channel_layout=FR+FL+LFE+FC {PCM}",
    "16-channels.mov": f"{TINY} {TONE_ON_0}|0.5*sin(2*PI*880*t)" + "|0.1" * 14 + f":d=1 {PCM}",
    **{
        f"silent.{ending}": f"{TINY} {TONE} -af aselect=0 {H264} -c:a {sound}"
        for ending, sound in (("mkv", "aac"), ("ts", "aac"), ("avi", "mp2"), ("flv", "aac"))
    },
    "late-subtitle.mkv": f"{TINY} {TONE} -i {{folder}}/late.srt {H264} -c:a aac -c:s srt",
    "late-subtitle.mp4": f"{TINY} {TONE} -i {{folder}}/late.srt {H264} -c:a aac -c:s mov_text",
    "late-subtitle.webm": f"{TINY} -i {{folder}}/late.srt -c:v libvpx -deadline realtime -c:s webvtt",
    "real.rm": f"{TINY} {TONE} -c:v rv20 -c:a ac3",
    "general-exchange.gxf": "-f lavfi -i testsrc2=size=720x576:rate=25:duration=1 -c:v mpeg2video",
    "mobile.3g2": f"{TINY} {H264}",
    "chapters.mkv": f"-f ffmetadata -i {{folder}}/chapters.txt {PATTERN} {H264} -map_metadata 0 -map 1",
}

CHAPTERS = """;FFMETADATA1
[CHAPTER]
TIMEBASE=1/1000
START=0
END=1500
title=Day 1 – Final “table”
[CHAPTER]
TIMEBASE=1/1000
START=1500
END=3000
title=Day 2
"""


LATE = "1\n00:00:01,000 --> 00:00:02,000\nhello\n\n2\n00:10:00,000 --> 00:10:02,000\nlate\n"


def ffmpeg(*arguments: str) -> None:
    """Run ffmpeg; its complaint is the error."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *arguments]
    subprocess.run(command, check=True, capture_output=True, text=True)


def clip_maker(folder: Path) -> Callable[[str], Path]:
    """Answers the clip of that name, made when it is first asked for."""
    (folder / "chapters.txt").write_text(CHAPTERS)
    (folder / "late.srt").write_text(LATE)

    def clip(name: str) -> Path:
        path = folder / name
        if not path.exists():
            ffmpeg(*RECIPES[name].format(seconds=3, folder=folder).split(), str(path))
        return path

    return clip


def rotated(source: Path, degrees: int, out: Path) -> Path:
    """The same clip, to be shown turned counter-clockwise."""
    ffmpeg("-display_rotation", str(degrees), "-i", str(source), "-c", "copy", str(out))
    return out


def joined(*parts: Path, out: Path) -> Path:
    """Join recordings as `cat` does, and return the file."""
    out.write_bytes(b"".join(part.read_bytes() for part in parts))
    return out


def labelled(source: Path, labels: Sequence[int], out: Path) -> Path:
    """Copy a clip with these Core Audio labels in its `chan` atom; 0 is an unused channel."""
    content = bytearray(source.read_bytes())
    # They follow kind, version, tag, bitmap and count.
    descriptions = content.rindex(b"chan") + 20
    for number, label in enumerate(labels):
        struct.pack_into(">I", content, descriptions + 20 * number, label)
    out.write_bytes(content)
    return out


def seen(path: Path | bytes) -> Seen:
    """The file as a scan would see it now."""
    status = os.stat(path)
    return os.fsencode(path), status.st_size, status.st_mtime_ns

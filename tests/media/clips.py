"""Small clips of many kinds, made once a session by the ffmpeg of the package imageio-ffmpeg."""

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
TWO_TONES = "-f lavfi -i sine=440:duration=1 -f lavfi -i sine=880:duration=1 -map 0 -map 1 -map 2"
PCM = "-c:v libx264 -preset ultrafast -c:a pcm_s16le -ar 48000"
H264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"
# Green, red, magenta.
STRIPES = (
    "-f lavfi -i color=red:size=97x72:rate=25:duration=0.2,drawbox=w=32:color=0x00ff00:t=fill,"
    "drawbox=x=64:w=33:color=0xff00ff:t=fill,format=gbrp"
)
LIGHT = "zscale=min=gbr:rin=full:pin=709:tin=709:r={range}:m=2020_ncl:p=2020:npl=203"
H265 = "-c:v libx265 -preset ultrafast -crf 5 -x265-params log-level=none:colorprim=bt2020:colormatrix=bt2020nc:transfer"
MASTERED = (
    "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=1000,400"
)
FIELDS = "-f lavfi -i testsrc2=size=160x96:rate=50:duration=1 -vf scroll=h=0.05,tinterlace=interleave_{0},setfield={1} -flags +ilme+ildct"


def _light(transfer: str, span: str = "tv") -> str:
    return f"{STRIPES.replace('97x72', '96x72')},{LIGHT.format(range=span)}:t={transfer}"


COLOURED = {
    "rgb-qtrle.mov": f"{STRIPES},format=rgb24 -c:v qtrle",
    "rgb-raw.avi": f"{STRIPES},format=bgr24 -c:v rawvideo",
    "rgb-raw.mov": f"{STRIPES},format=rgb24 -c:v rawvideo",
    "rgb-h264.mp4": f"{STRIPES} -c:v libx264rgb -qp 2",
    "rgb-10-bit.mkv": f"{STRIPES},format=gbrp10le -c:v ffv1",
    "palette.avi": f"{STRIPES},format=pal8 -c:v msrle",
    "jpeg-420.avi": f"{STRIPES},format=yuvj420p -c:v mjpeg -q:v 2",
    "jpeg-422.mov": f"{STRIPES},format=yuvj422p -c:v mjpeg -q:v 2",
    **{
        f"jpeg-709.{ending}": (
            f"{STRIPES},scale=out_color_matrix=bt709:out_range=pc,format=yuvj444p,"
            "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709 -c:v mjpeg -q:v 2"
        )
        for ending in ("mov", "mkv")
    },
    "full-709.mkv": f"{STRIPES},scale=out_color_matrix=bt709:out_range=pc,format=yuvj444p -c:v libx264 -qp 2",
    "wide-sdr.mkv": f"{_light('2020_10')},format=yuv420p10le {H265}=bt2020-10",
    "p3.mkv": f"{STRIPES},zscale=min=gbr:rin=full:pin=709:tin=709:m=709:p=smpte432:t=709:r=tv,format=yuv444p10le -c:v ffv1",
    "pq.mkv": f"{_light('smpte2084')},format=yuv420p10le {H265}=smpte2084",
    "pq.ts": f"{_light('smpte2084')},format=yuv420p10le {H265}=smpte2084",
    "pq-mastered.mp4": f"{_light('smpte2084')},format=yuv420p10le {H265}=smpte2084:{MASTERED}",
    "pq-prores.mov": f"{_light('smpte2084')},format=yuv422p10le -c:v prores_ks",
    "hlg.mp4": f"{_light('arib-std-b67')},format=yuv420p10le {H265}=arib-std-b67",
    "hlg-mastered.ts": f"{_light('arib-std-b67')},format=yuv420p10le {H265}=arib-std-b67:{MASTERED}",
    "hlg-full.mkv": f"{_light('arib-std-b67', 'full')},format=yuv422p10le -c:v ffv1",
}
"""Three stripes, green, red and magenta, in all kinds of colours."""

RECIPES = {
    **{
        f"still-{name}.mp4": f"-f lavfi -i testsrc2=size={size}:rate=25:duration=0.2 -frames:v 1 {H264} -crf 12{more}"
        for name, size, more in (
            ("1080", "1920x1080", ""),
            ("tall", "720x1280", ""),
            ("panorama", "2048x256", ""),
            ("480", "480x320", ""),
            ("tiny", "64x48", ""),
            ("odd", "178x100", ""),
            ("wide-pixels", "720x576", " -aspect 16:9"),
        )
    },
    "fading.mp4": f"-f lavfi -i color=white:size=64x48:rate=5:duration=1230,fade=out:d=1230 {H264} -g 25",
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
    # Its only keyframe is black.
    "dark-start.mp4": (
        "-f lavfi -i color=black:size=320x240:rate=25:duration=1 -f lavfi -i testsrc2=size=320x240:rate=25:duration=4"
        f" -filter_complex [0][1]concat=n=2 {H264} -g 999 -x264-params scenecut=0"
    ),
    **COLOURED,
    "slate.ts": "-f lavfi -i color=gray:size=160x96:rate=25:duration=1 -c:v mpeg2video -f mpegts",
    "fields-top.ts": f"{FIELDS.format('top', 'tff')} -c:v mpeg2video -q:v 2 -output_ts_offset 1",
    "fields-bottom.ts": f"{FIELDS.format('bottom', 'bff')} -c:v mpeg2video -q:v 2 -output_ts_offset 1",
    "h264-slate.ts": f"-f lavfi -i color=gray:size=160x96:rate=25:duration=1 {H264}",
    "h264-fields.ts": f"{FIELDS.format('top', 'tff')} {H264} -output_ts_offset 1",
    "quarters.mp4": (
        "-f lavfi -i color=red:size=64x36:rate=25:duration=0.2,drawbox=w=32:h=18:color=lime:t=fill,"
        f"drawbox=x=32:w=32:h=18:color=blue:t=fill,drawbox=y=18:w=32:h=18:color=white:t=fill {H264}"
    ),
    **{
        f"mono-pair.{ending}": f"{TINY} {TWO_TONES} {H264} -c:a {sound} -ac 1"
        for ending, sound in (("mov", "aac"), ("mkv", "aac"), ("ts", "aac"), ("mxf", "pcm_s16le -ar 48000"))
    },
    "mono-languages.mp4": f"{TINY} {TWO_TONES} {H264} -c:a aac -metadata:s:a:0 language=eng -metadata:s:a:1 language=kor",
    "mono-comment.mkv": f"{TINY} {TWO_TONES} {H264} -c:a aac -disposition:a:1 comment",
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
    """Run ffmpeg; its error output becomes the exception."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *arguments]
    subprocess.run(command, check=True, capture_output=True, text=True)


def clip_maker(folder: Path) -> Callable[[str], Path]:
    """Return a function that returns the clip of a name, and makes it at its first use."""
    (folder / "chapters.txt").write_text(CHAPTERS)
    (folder / "late.srt").write_text(LATE)

    def clip(name: str) -> Path:
        path = folder / name
        if not path.exists():
            ffmpeg(*RECIPES[name].format(seconds=3, folder=folder).split(), str(path))
        return path

    return clip


def displayed(source: Path, options: Sequence[str], out: Path) -> Path:
    """Copy a clip, to be shown rotated or mirrored: `-display_rotation 90`, `-display_hflip`."""
    ffmpeg(*options, "-i", str(source), "-c", "copy", str(out))
    return out


def rotated(source: Path, degrees: int, out: Path) -> Path:
    """Copy a clip, to be shown rotated counter-clockwise."""
    return displayed(source, ["-display_rotation", str(degrees)], out)


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
    """Return path, size and time of a file, as a scan would see it now."""
    status = os.stat(path)
    return os.fsencode(path), status.st_size, status.st_mtime_ns

"""A small archive for trying WSOPTV: real codecs, invented titles, and the junk files of real archives."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg
import imageio_ffmpeg

from catalog_models.errors import ExpectedError
from flows.job.context import Progress


class DemoError(ExpectedError):
    """ffmpeg could not encode a clip."""

    code = "demo"


@dataclass(frozen=True)
class Clip:
    """A video to encode: its lavfi source of pictures, its length in seconds, and the encoder's options."""

    path: str
    picture: str
    seconds: int
    options: dict[str, Any]


_H264 = {"vcodec": "libx264", "preset": "ultrafast", "pix_fmt": "yuv420p", "g": 50, "acodec": "aac"}
_FAST = {**_H264, "movflags": "+faststart"}
_MXF = {
    "vcodec": "mpeg2video",
    "video_bitrate": "4M",
    "pix_fmt": "yuv420p",
    "acodec": "pcm_s16le",
    "ar": 48000,
}
_PRORES = {"vcodec": "prores_ks", "profile:v": 0, "acodec": "pcm_s16le"}

_OLD, _EUROPE = "WSOP/WSOP ARCHIVE", "WSOP/2022 WSOP-EUROPE/2022 WSOPE Main Event"
_CLIPS = (
    Clip(f"{_OLD}/WSOP 1974/WSOP_1974.mxf", "smptebars=s=720x576:r=25", 2, _MXF),
    Clip(f"{_OLD}/WSOP 1974/WSOP_1974.mp4", "smptebars=s=720x576:r=25", 20, _FAST),
    Clip(f"{_OLD}/WSOP 2002/WSOP_2002_1.mov", "testsrc2=s=640x360:r=25", 2, _PRORES),
    Clip(f"{_OLD}/WSOP 2010/WS10_Show_01_ME01_NB.mp4", "mandelbrot=s=320x180:r=25", 12, _FAST),
    Clip(f"{_OLD}/WSOP 2010/WS10_Show_02_ME02_NB.mp4", "gradients=s=320x180:r=25:seed=7", 30, _H264),
    Clip(f"{_EUROPE} Day 1A.mp4", "testsrc2=s=640x360:r=25", 30, _FAST),
    Clip(f"{_EUROPE} Day 2.mkv", "life=s=320x180:r=25:mold=10:ratio=0.1", 12, _H264),
    Clip(f"{_EUROPE} Final Table.mp4", "sierpinski=s=320x180:r=25", 12, _FAST),
    Clip("PAD/PAD S11/pad-s11-ep01-001.mp4", "cellauto=s=320x180:r=25:rule=18", 12, _FAST),
    Clip("PAD/PAD S11/pad-s11-ep02-001.mp4", "gradients=s=320x180:r=25:seed=3", 20, _FAST),
)
_JUNK = {
    "WSOP/.DS_Store": b"\0\0\0\1Bud1",
    "WSOP/WSOP ARCHIVE/WSOP 1974/._WSOP_1974.mxf": b"\0\5\x16\7",
    "WSOP/Thumbs.db": b"\xd0\xcf\x11\xe0",
    "PAD/notes.txt": b"return tape 12 to the vault\n",
}
# A copy that was interrupted.
_TRUNCATED = "PAD/PAD S11/pad-s11-ep03-001.mp4"


def make_demo_archive(folder: Path, progress: Progress) -> None:
    """Create the missing files of the archive below `folder`. Raises `DemoError`."""
    progress.begin("sample", len(_CLIPS))
    for clip in _CLIPS:
        if not (folder / clip.path).exists():
            _make(folder / clip.path, clip)
        progress.advance("sample", 1)
    whole = (folder / _CLIPS[-1].path).read_bytes()
    for path, content in {**_JUNK, _TRUNCATED: whole[: len(whole) // 2]}.items():
        if not (folder / path).exists():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)


def _make(out: Path, clip: Clip) -> None:
    """Encode a clip aside, then rename it: an interrupted demo leaves no incomplete clip."""
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".making-{out.name}")
    picture = ffmpeg.input(clip.picture, format="lavfi", t=clip.seconds)
    sound = ffmpeg.input(f"sine=frequency=220:sample_rate=48000:duration={clip.seconds}", format="lavfi")
    graph = ffmpeg.output(picture, sound, str(part), **clip.options).global_args("-v", "error", "-nostdin")
    command = ffmpeg.compile(graph, cmd=imageio_ffmpeg.get_ffmpeg_exe(), overwrite_output=True)
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise DemoError(f"ffmpeg could not encode {out}: {result.stderr.strip()[-500:]}")
    part.rename(out)

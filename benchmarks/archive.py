"""An archive for benchmarks: a thousand different files of five kinds."""

from __future__ import annotations

import os
import struct
import subprocess
from pathlib import Path

import imageio_ffmpeg

_H264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50 -c:a aac"
_KINDS = (
    ("fast.mp4", 12, "854x480", f"{_H264} -movflags +faststart"),
    ("slow.mp4", 12, "854x480", _H264),
    ("hd.mp4", 6, "1280x720", f"{_H264} -movflags +faststart"),
    ("prores.mov", 1, "640x360", "-c:v prores_ks -profile:v 0 -c:a pcm_s16le"),
    ("mpeg2.mxf", 2, "720x576", "-c:v mpeg2video -b:v 2M -c:a pcm_s16le"),
)


def make_archive(folder: Path, videos: int = 1000) -> Path:
    """Create `videos` videos and a third as many junk files below `folder`; existing files stay."""
    clips = [_clip(folder.with_name(folder.name + ".clips"), *kind) for kind in _KINDS]
    for number in range(videos):
        clip = clips[number % len(clips)]
        name = f"WSOP {2000 + number % 20}/Show {number // 20}/take_{number}{clip.suffix}"
        _write(folder / name, clip.read_bytes() + _padding(clip.suffix, number))
        if number % 3 == 0:
            _write(folder / name.replace("take", "._take"), b"\0\5\x16\7")
    return folder


def _write(path: Path, content: bytes) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (1_600_000_000, 1_600_000_000))


def _padding(ending: str, number: int) -> bytes:
    """Return unique bytes that players skip."""
    mark = struct.pack(">QQ", number, 0)
    if ending == ".mxf":
        return bytes.fromhex("060e2b34010101020301021001000000") + b"\x10" + mark
    return struct.pack(">I4s", 24, b"free") + mark


def _clip(folder: Path, name: str, seconds: int, size: str, options: str) -> Path:
    out = folder / name
    if not out.exists():
        folder.mkdir(parents=True, exist_ok=True)
        picture = ["-f", "lavfi", "-i", f"mandelbrot=s={size}:r=25:end_scale=0.01"]
        sound = ["-f", "lavfi", "-i", "sine=r=48000"]
        part = out.with_name("part-" + name)
        program = imageio_ffmpeg.get_ffmpeg_exe()
        command = [
            program,
            "-v",
            "error",
            "-y",
            *picture,
            *sound,
            "-t",
            str(seconds),
            *options.split(),
            str(part),
        ]
        subprocess.run(command, check=True)
        part.rename(out)
    return out

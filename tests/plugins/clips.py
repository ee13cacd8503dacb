"""A video that browsers play."""

from __future__ import annotations

import subprocess

import imageio_ffmpeg
import pytest

_OPTIONS = """
-v error -f lavfi -i testsrc2=size=320x180:rate=10 -f lavfi -i sine -t 12
-c:v libx264 -preset ultrafast -g 10 -pix_fmt yuv420p -c:a aac -movflags +faststart
"""


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return twelve seconds that browsers play: H.264 and AAC, a keyframe each second, the index first."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *_OPTIONS.split(), str(path)], check=True)
    return path.read_bytes()

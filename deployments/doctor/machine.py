"""Checks of the machine: Python, programs, libraries, the home and its disk."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys

from catalog_models.errors import ExpectedError
from deployments.doctor.check import Check
from deployments.stack import embedded_versions
from orchestration.settings import Settings

# Bytes: the pictures of 10,000 titles take about 1 GB, the database less.
_MIN_FREE = 2 << 30


def check_python() -> Check:
    """Check the version of Python and the operating system."""
    fits = sys.version_info[:2] in ((3, 11), (3, 12)) and sys.platform == "linux"
    says = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return Check("python", fits, says, "" if fits else "use Python 3.11 or 3.12 on Linux")


def check_programs() -> Check:
    """Check that the programs of PostgreSQL and Redis run."""
    try:
        return Check("servers", True, ", ".join(embedded_versions().values()))
    except ExpectedError as error:
        return Check("servers", False, str(error), "install WSOPTV again, or set DATABASE_URL and REDIS_URL")


def check_ffmpeg() -> Check:
    """Check that ffmpeg runs."""
    import imageio_ffmpeg

    try:
        program = imageio_ffmpeg.get_ffmpeg_exe()
        line = subprocess.run([program, "-version"], capture_output=True, text=True, check=True).stdout.split(
            "\n"
        )[0]
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        return Check(
            "ffmpeg", False, str(error), "install WSOPTV again: the package imageio-ffmpeg contains it"
        )
    return Check("ffmpeg", True, " ".join(line.split()[:3]))


def check_libraries() -> Check:
    """Check that the video libraries can be imported."""
    try:
        import av
        import cv2
    except ImportError as error:
        return Check("video libraries", False, str(error), "install WSOPTV again")
    return Check("video libraries", True, f"PyAV {av.__version__}, OpenCV {cv2.__version__}")


def check_home(settings: Settings) -> Check:
    """Check that the home can be written."""
    home = settings.home
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return Check("home", False, f"{home} cannot be written", "set WSOPTV_HOME to a folder of your own")
    return Check("home", True, str(home) if home.is_dir() else f"{home} (does not exist yet)")


def check_space(settings: Settings) -> Check:
    """Check the free space on the disk of the home."""
    nearest = next(folder for folder in (settings.home, *settings.home.parents) if folder.exists())
    free = shutil.disk_usage(nearest).free
    mend = (
        ""
        if free > _MIN_FREE
        else f"free some space, or set WSOPTV_HOME to another disk: {_MIN_FREE >> 30} GiB should be free"
    )
    return Check("room", free > _MIN_FREE, f"{free / 2**30:.1f} GiB free at {nearest}", mend)

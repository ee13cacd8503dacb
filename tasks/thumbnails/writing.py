"""Writing pictures: encoded, written aside, read back, and only then renamed to where the readers look."""

from __future__ import annotations

import contextlib
import io
import os
from io import BufferedRandom

import numpy as np
from PIL import Image

from tasks.thumbnails.geometry import Pixels

_QUALITY = 80


class UnverifiedError(OSError):
    """What was written does not read back: the disk is not to be trusted."""


def jpeg(pixels: Pixels) -> bytes:
    """A picture in colour as JPEG."""
    height, width = pixels.shape[:2]
    picture = Image.frombuffer("RGBX", (width, height), np.ascontiguousarray(pixels), "raw", "RGBX", 0, 1)
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=_QUALITY)
    return encoded.getvalue()


def write_all(files: dict[str, bytes]) -> None:
    """Write every file or, when anything fails, none: earlier ones stay as they were and nothing lies beside them.

    Raises OSError (ENOSPC when the disk is full).
    """
    for folder in {os.path.dirname(final) for final in files}:
        os.makedirs(folder, exist_ok=True)
    aside = {final: final + ".part" for final in files}
    try:
        for final, part in aside.items():
            with open(part, "w+b") as file:
                file.write(files[final])
                _verify(file, files[final])
        for final, part in aside.items():
            os.replace(part, final)
    except BaseException:
        for part in aside.values():
            with contextlib.suppress(OSError):
                os.unlink(part)
        raise


def _verify(file: BufferedRandom, content: bytes) -> None:
    """What the encoder made decodes; that the disk holds just that is told by the bytes, at a tenth of a decoding."""
    file.seek(0)
    if file.read() != content:
        raise UnverifiedError(f"{file.name} does not read back as it was written: is the disk failing?")

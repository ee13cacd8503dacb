"""Encode colour pictures as JPEG and WebP, and resize them."""

from __future__ import annotations

import io
from typing import cast

import cv2
import numpy as np
from PIL import Image

from tasks.thumbnails.scaler import Pixels

_JPEG_QUALITY = 80
# The method of libwebp. From 3 on, it takes three times as long, and saves little (decision 37).
_WEBP_METHOD = 1
POSTER_QUALITY, TILE_QUALITY = 70, 60


def jpeg(pixels: Pixels) -> bytes:
    """Encode a colour picture as JPEG."""
    encoded = io.BytesIO()
    _image(pixels).save(encoded, "JPEG", quality=_JPEG_QUALITY)
    return encoded.getvalue()


def webp(pixels: Pixels, quality: int) -> bytes:
    """Encode a colour picture as WebP."""
    encoded = io.BytesIO()
    _image(pixels).save(encoded, "WEBP", quality=quality, method=_WEBP_METHOD)
    return encoded.getvalue()


def resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """Return a picture in another size (width, height)."""
    height, width = pixels.shape[:2]
    if (width, height) == size:
        return pixels
    way = cv2.INTER_AREA if size[0] < width else cv2.INTER_LINEAR
    # A rotated picture is a view with other strides.
    return cast("Pixels", cv2.resize(np.ascontiguousarray(pixels), size, interpolation=way))


def _image(pixels: Pixels) -> Image.Image:
    height, width = pixels.shape[:2]
    return Image.frombuffer("RGBX", (width, height), np.ascontiguousarray(pixels), "raw", "RGBX", 0, 1)

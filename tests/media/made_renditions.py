"""Renditions of clips, and the pictures in them."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from tasks.metadata.inspection import inspect
from tasks.renditions.encoder import Original, make_rendition
from tasks.renditions.recipe import recipe_for
from tasks.renditions.tracks import choose_tracks
from tests.media.clips import seen


def rendered(path: Path, out: Path, *, deinterlace: bool = False) -> Path:
    """Make the rendition that a file needs."""
    inspection = inspect(*seen(path))
    recipe = recipe_for(inspection.facts, inspection.verdict, deinterlace=deinterlace)
    assert recipe is not None
    make_rendition(Original(*seen(path), choose_tracks(*seen(path))), recipe, out, lambda _seconds: None)
    return out


def frames(path: Path) -> list[VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def stripes(picture: NDArray[np.uint8]) -> list[tuple[int, ...]]:
    """Return the colours of three stripes side by side."""
    height, width = picture.shape[:2]
    places = (picture[height // 3 : -height // 3, width * part // 6] for part in (1, 3, 5))
    return [tuple(int(value) for value in np.median(place, axis=0)) for place in places]

"""Interlaced video is recognised, even after a progressive slate, and renditions show no combing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame

from tasks.metadata.inspection import inspect
from tasks.renditions.recipe import recipe_for
from tests.media.clips import joined, seen
from tests.media.made_renditions import frames, rendered

Clip = Callable[[str], Path]


def is_combed(frame: VideoFrame) -> bool:
    """Return whether a picture changes more from line to line than from field to field."""
    grey = frame.to_ndarray(format="gray").astype(int)
    return bool(np.abs(np.diff(grey, axis=0)).mean() > np.abs(grey[2:] - grey[:-2]).mean())


@pytest.mark.parametrize("order", ["top", "bottom"])
def test_interlaced_pictures_after_a_slate_are_deinterlaced(clip: Clip, tmp_path: Path, order: str) -> None:
    path = joined(clip("slate.ts"), clip(f"fields-{order}.ts"), out=tmp_path / "film.ts")
    assert is_combed(frames(path)[-5])
    made = frames(rendered(path, tmp_path / "made.mp4"))
    assert not any(map(is_combed, made))
    assert len(made) == pytest.approx(75, abs=2), (
        "a progressive picture stays single, an interlaced one becomes two"
    )


def test_h264_that_plays_with_combing_is_deinterlaced_on_request(clip: Clip, tmp_path: Path) -> None:
    path = joined(clip("h264-slate.ts"), clip("h264-fields.ts"), out=tmp_path / "film.ts")
    inspection = inspect(*seen(path))
    recipe = recipe_for(inspection.facts, inspection.verdict)
    assert recipe is not None
    assert (recipe.kind, recipe.encodes_video) == ("remux", False), "only on request"
    made = frames(rendered(path, tmp_path / "made.mp4", deinterlace=True))
    assert not any(map(is_combed, made))
    assert not any(frame.interlaced_frame for frame in made)


def test_progressive_pictures_pass_unchanged(clip: Clip, tmp_path: Path) -> None:
    made = frames(rendered(clip("hevc.mp4"), tmp_path / "made.mp4"))
    assert len(made) == len(frames(clip("hevc.mp4")))


def test_progressive_video_is_not_deinterlaced_on_request(clip: Clip) -> None:
    inspection = inspect(*seen(clip("plain.mp4")))
    assert recipe_for(inspection.facts, inspection.verdict, deinterlace=True) is None

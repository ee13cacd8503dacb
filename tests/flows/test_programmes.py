"""What a title of the catalogue says of its best file."""

from __future__ import annotations

import uuid

import pytest

from catalog_models.values import Playability
from tasks.catalogue.programmes import CatalogueFile, group


@pytest.mark.parametrize(
    ("width", "height", "quality"),
    [
        (3840, 2160, "4k"),
        (3840, 1600, "4k"),
        (4096, 1716, "4k"),
        (2160, 3840, "4k"),
        (2880, 2160, "4k"),
        (1920, 1080, "hd"),
        (1920, 800, "hd"),
        (1280, 534, "hd"),
        (960, 720, "hd"),
        (720, 1280, "hd"),
        (1024, 576, "sd"),
        (720, 576, "sd"),
        (None, 1080, "hd"),
        (None, None, None),
    ],
)
def test_quality_is_told_by_the_longer_or_the_shorter_side(
    width: int | None, height: int | None, quality: str | None
) -> None:
    file = CatalogueFile(
        id=uuid.uuid4(),
        path_text="a.mp4",
        content_key="a",
        content_id=None,
        usable=True,
        present=True,
        playability=Playability.DIRECT,
        variant=None,
        width=width,
        height=height,
        bit_rate=None,
        duration_seconds=1.0,
        title={},
    )
    assert [programme.quality for programme in group([file])] == [quality]

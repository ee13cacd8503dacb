"""File name endings that count as videos, and containers that the reader opens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import pytest

from tasks.media.container import CONTAINERS
from tasks.metadata.inspection import inspect
from tasks.titles.archive_names import ENDINGS, VIDEO_ENDINGS, is_video_path
from tests.media.clips import seen

Clip = Callable[[str], Path]
# The demuxer of Matroska has two names.
_OPENED = set(CONTAINERS.split(",")) - {"webm"}
_NO_VIDEOS = {"m4a", "m4b", "isma", "psp", "ism", "ismv", "mka", "mks", "ogg", "avif", "heic", "heif"}


def _demuxer(name: str) -> set[str]:
    return set(av.ContainerFormat(name, "r").name.split(","))


def test_each_container_has_endings_and_each_ending_a_container() -> None:
    named = [_demuxer(name) for name in ENDINGS]
    assert all(names & _OPENED for names in named)
    assert {name for name in _OPENED if not any(name in names for names in named)} == set()


def test_no_ending_belongs_to_two_containers() -> None:
    endings = [ending for each in ENDINGS.values() for ending in each.split()]
    assert len(endings) == len(VIDEO_ENDINGS)


def test_all_endings_of_the_containers_are_scanned() -> None:
    """Except those of sound, subtitles, pictures and segments of streams."""
    known = set().union(*(av.ContainerFormat(name, "r").extensions for name in ENDINGS))
    assert known - VIDEO_ENDINGS <= _NO_VIDEOS


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("real.rm", "rmvb"),
        ("tiny.vob", "mod"),
        ("tiny.vob", "VRO"),
        ("tiny.ts", "tod"),
        ("tiny.ts", "trp"),
        ("mobile.3g2", "3g2"),
        ("general-exchange.gxf", "gxf"),
    ],
)
def test_a_video_is_recognised_by_its_ending_and_read(
    clip: Clip, tmp_path: Path, name: str, ending: str
) -> None:
    path = tmp_path / f"film.{ending}"
    path.write_bytes(clip(name).read_bytes())
    assert is_video_path(path.name)
    assert inspect(*seen(path)).facts.decodes

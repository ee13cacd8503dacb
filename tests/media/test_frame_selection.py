"""The moments that are examined; each keyframe is decoded once."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.media.container import main_video, open_container, read_only
from tasks.media.film import film_of
from tasks.media.length import LONGEST_SECONDS
from tasks.media.source import open_source
from tasks.thumbnails.frame_selection import Moment, cues, moments, preview_frames, sample
from tests.media.clips import seen

durations = st.floats(min_value=1e-6, max_value=LONGEST_SECONDS)


@given(durations)
def test_cues_cover_the_video_without_a_gap(duration: float) -> None:
    marks = cues(duration)
    assert 1 <= len(marks) <= 300
    assert marks[0][0] == 0
    assert marks[-1][1] == pytest.approx(duration)
    assert all(begin < end for begin, end in marks)
    assert all(one[1] == pytest.approx(two[0]) for one, two in itertools.pairwise(marks))


@given(durations)
def test_moments_are_within_the_video_and_in_order(duration: float) -> None:
    wanted = moments(duration)
    seconds = [moment.second for moment in wanted]
    assert seconds == sorted(seconds)
    assert all(0 <= second <= duration for second in seconds)
    assert [moment.tile for moment in wanted if moment.tile is not None] == list(range(len(cues(duration))))


@given(durations)
def test_frames_of_the_preview_are_spread_evenly(duration: float) -> None:
    count = preview_frames(duration)
    assert 8 <= count <= 10
    frames = {moment.frame: moment.second for moment in moments(duration) if moment.frame is not None}
    assert sorted(frames) == list(range(count))
    for frame, second in frames.items():
        assert second == pytest.approx((frame + 0.5) * duration / count, abs=duration * 0.6 / count)


def test_there_is_a_tile_every_ten_seconds_and_at_most_three_hundred() -> None:
    assert len(cues(95.0)) == 10
    assert cues(95.0)[-1] == (90.0, 95.0)
    assert len(cues(2_995.0)) == len(cues(36_000.0)) == 300
    assert cues(None) == ((0.0, 10.0),)


@pytest.mark.parametrize("name", ["plain.ts", "plain.mp4", "mpeg2.mxf", "plain.avi", "plain.mkv"])
def test_every_moment_gets_a_picture(clip: Callable[[str], Path], name: str) -> None:
    assert all(frame is not None for _, frame in _sampled(clip(name), moments(3.0)))


def test_moments_of_a_keyframe_share_its_picture(clip: Callable[[str], Path]) -> None:
    # A keyframe every five seconds.
    wanted = tuple(Moment(second) for second in (0.5, 4.5, 5.5, 9.9, 10.1))
    pictures = [picture for _, picture in _sampled(clip("long.mp4"), wanted)]
    assert [picture.time for picture in pictures if picture is not None] == [0, 0, 5, 5, 10]
    assert pictures[0] is pictures[1]
    assert pictures[2] is pictures[3]


def _sampled(path: Path, wanted: tuple[Moment, ...]) -> list[tuple[Moment, av.VideoFrame | None]]:
    with open_source(*seen(path)) as source, open_container(source) as container:
        video = main_video(container)
        assert video is not None
        read_only(container, video)
        return list(sample(film_of(container, video), wanted))

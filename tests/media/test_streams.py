"""Transport and program streams: durations of joined recordings, and pictures of their storyboards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame

from tasks.media import timestamps
from tasks.media.container import main_video, open_container, read_only
from tasks.media.film import JoinedFilm, film_of
from tasks.media.source import open_source
from tasks.metadata.inspection import inspect
from tasks.renditions.tracks import choose_tracks, count_seconds
from tasks.thumbnails.frame_selection import Moment, sample
from tasks.thumbnails.pictures import make_pictures
from tests.media.clips import H264, ffmpeg, joined, seen

Clip = Callable[[str], Path]


@pytest.fixture(params=[False, True], ids=["read as a whole", "sampled"])
def sampled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Treat small files as large ones, too."""
    if request.param:
        for name, size in (("_SMALL", 0), ("_NARROW", 4 << 10), ("_PIECE", 4 << 10)):
            monkeypatch.setattr(timestamps, name, size)


def later(path: Path, seconds: float, out: Path) -> Path:
    ffmpeg("-i", str(path), "-c", "copy", "-output_ts_offset", str(seconds), "-f", "mpegts", str(out))
    return out


@pytest.mark.parametrize("name", ["tiny.ts", "tiny.vob"])
@pytest.mark.parametrize("count", [2, 5])
def test_joined_recordings_last_as_long_as_their_sum(
    clip: Clip, tmp_path: Path, sampled: None, name: str, count: int
) -> None:
    path = joined(*[clip(name)] * count, out=tmp_path / name)
    assert inspect(*seen(path)).facts.duration_seconds == pytest.approx(3 * count, abs=0.1 * count)
    assert choose_tracks(*seen(path)).seconds == pytest.approx(3 * count, abs=0.1 * count)
    assert count_seconds(*seen(path)) == pytest.approx(3 * count, abs=0.1 * count)


def test_a_pause_between_two_recordings_takes_no_time(clip: Clip, tmp_path: Path, sampled: None) -> None:
    behind = later(clip("tiny.ts"), 36_000, tmp_path / "behind.ts")
    path = joined(clip("tiny.ts"), behind, out=tmp_path / "both.ts")
    assert inspect(*seen(path)).facts.duration_seconds == pytest.approx(6, abs=0.2)


def test_marks_without_packets_between_them_are_one_piece(clip: Clip) -> None:
    """As when the archive stalls after the samples were taken: then the bytes determine the duration."""
    path = clip("tiny.ts")
    with open_source(*seen(path)) as source, open_container(source) as container:
        video = main_video(container)
        assert video is not None
        read_only(container, video)
        size = path.stat().st_size
        pair = timestamps.Mark(size - 100, 5.0), timestamps.Mark(size, 0.0)
        (piece,) = timestamps._between(container, video, pair, pace=0.01)
        assert (piece.mark, piece.jumps) == (pair[0], True)
        assert piece.seconds == pytest.approx(1.0)


def test_another_programme_after_the_first_is_left_out(clip: Clip, tmp_path: Path, sampled: None) -> None:
    """Its tracks appear during the read, which PyAV does not expect."""
    other = tmp_path / "other.ts"
    numbers = ["-mpegts_start_pid", "0x300", "-mpegts_pmt_start_pid", "0x1100", "-mpegts_service_id", "7"]
    ffmpeg("-i", str(clip("tiny.ts")), "-c", "copy", *numbers, "-f", "mpegts", str(other))
    path = joined(clip("tiny.ts"), *[other] * 3, out=tmp_path / "both.ts")
    assert inspect(*seen(path)).facts.duration_seconds == pytest.approx(3, abs=0.2)
    assert count_seconds(*seen(path)) == pytest.approx(3, abs=0.2)
    assert {picture.kind for picture in make_pictures(*seen(path), tmp_path, "x")} >= {"poster", "storyboard"}


@pytest.mark.parametrize("name", ["tiny.ts", "tiny.vob", "long-gop.ts"])
def test_a_stream_without_a_jump_has_its_declared_duration(clip: Clip, sampled: None, name: str) -> None:
    with open_source(*seen(clip(name))) as source, open_container(source) as container:
        video = main_video(container)
        assert video is not None
        read_only(container, video)
        assert not isinstance(film_of(container, video), JoinedFilm)


@pytest.mark.parametrize("name", ["long-gop.ts", "long-gop.mpg"])
def test_each_moment_shows_the_last_keyframe_before_it(clip: Clip, name: str) -> None:
    shown = _shown(clip(name), (1, 9.8, 10.2, 25, 39, 44), 45)
    assert shown == pytest.approx([0, 0, 10, 20, 30, 40], abs=0.5)


def test_each_moment_of_short_groups_shows_its_second(clip: Clip) -> None:
    assert _shown(clip("clock.ts"), (0.5, 1.1, 1.9, 2.5), 3) == pytest.approx([0, 1, 1, 2], abs=0.1)


def test_moments_of_joined_recordings_are_found_in_each(clip: Clip, tmp_path: Path, sampled: None) -> None:
    path = joined(*[clip("clock.ts")] * 3, out=tmp_path / "three.ts")
    shown = _shown(path, (1.5, 2.5, 4.5, 5.5, 7.5, 8.5), 3)
    assert shown == pytest.approx([1, 2, 1, 2, 1, 2], abs=0.1), "each begins at 0"


def _shown(path: Path, moments: tuple[float, ...], lasts: float) -> list[float]:
    """Return the seconds shown by the pictures of these moments; the brightest shows second `lasts`."""
    with open_source(*seen(path)) as source, open_container(source) as container:
        video = main_video(container)
        assert video is not None
        read_only(container, video)
        found = sample(film_of(container, video), tuple(Moment(second) for second in moments))
        return [_luma(picture) / 219 * lasts for _, picture in found if picture is not None]


def _luma(picture: VideoFrame) -> float:
    """Return the mean of its first line above black, which is 16."""
    line = np.frombuffer(memoryview(picture.planes[0]), np.uint8)[: picture.width]
    return float(line.mean()) - 16


def test_a_stream_that_changes_its_picture_size_has_pictures(clip: Clip, tmp_path: Path) -> None:
    size = f"-f lavfi -i testsrc2=size={{}}:rate=25:duration=11 {H264} -g 25 -f mpegts"
    parts = []
    for number, shape in enumerate(("96x48", "64x48", "48x96")):
        part = tmp_path / f"{number}.ts"
        ffmpeg(*size.format(shape).split(), "-output_ts_offset", str(11 * number), str(part))
        parts.append(part)
    path = joined(*parts, out=tmp_path / "sizes.ts")
    video = inspect(*seen(path)).facts.video
    assert video is not None
    assert (video.width, video.height) == (96, 48)
    made = {picture.kind: picture for picture in make_pictures(*seen(path), tmp_path, "x")}
    assert (made["storyboard"].width, made["storyboard"].height) == (4 * 320, 160)

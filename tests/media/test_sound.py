"""Audio tracks with and without samples, and the mix of channels in any order to stereo."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from tasks.media.sound import stereo_mix
from tasks.metadata.inspection import inspect
from tasks.renditions.tracks import choose_tracks
from tests.media.clips import labelled, seen
from tests.media.made_renditions import rendered

Clip = Callable[[str], Path]
# Hz of the tones in the clips.
LEFT, RIGHT = 440, 880


def pitches(path: Path) -> list[int]:
    """Return the loudest frequency in Hz of the left and the right channel."""
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-v",
        "error",
        "-i",
        str(path),
        "-f",
        "s16le",
        "-ar",
        "8000",
        "-",
    ]
    pcm = subprocess.run(command, check=True, capture_output=True).stdout
    sound = np.frombuffer(pcm, np.int16).reshape(-1, 2)[1000:7000]
    loudest = np.abs(np.fft.rfft(sound, axis=0)).argmax(axis=0)
    return [round(int(place) * 8000 / len(sound)) for place in loudest]


@pytest.mark.parametrize(
    ("name", "labels", "channels", "heard"),
    [
        ("film-order.mov", (), 6, [LEFT, RIGHT]),
        ("swapped.mov", (), 2, [RIGHT, LEFT]),
        ("three-of-four.mov", (1, 2, 0, 0), 4, [LEFT, RIGHT]),
        ("three-of-four.mov", (0, 1, 0, 0), 4, [RIGHT, RIGHT]),
        ("three-of-four.mov", (0, 0, 0, 0), 4, [LEFT, RIGHT]),
        ("three-of-four.mov", (39, 38, 0, 0), 4, [RIGHT, LEFT]),
        ("16-channels.mov", (), 16, [LEFT, RIGHT]),
    ],
)
def test_channels_of_any_order_become_left_and_right(
    clip: Clip, tmp_path: Path, name: str, labels: tuple[int, ...], channels: int, heard: list[int]
) -> None:
    path = labelled(clip(name), labels, tmp_path / name) if labels else clip(name)
    facts = inspect(*seen(path)).facts
    assert [track.channels for track in facts.audio] == [channels]
    assert pitches(rendered(path, tmp_path / "made.mp4")) == pytest.approx(heard, abs=3)


def test_the_centre_goes_to_both_sides_and_channels_without_position_to_none() -> None:
    mix = stereo_mix(("UNSD", "FC", "FR", "FL", "LFE"))
    assert (mix.taken, mix.layout, mix.pan) == ("1|2|3", "3.0", "stereo|c0<0.7071*c0+1*c2|c1<0.7071*c0+1*c1")


def test_a_ready_mix_beside_its_channels_is_left_out() -> None:
    assert stereo_mix(("FL", "FR", "DL", "DR")).taken == "0|1"
    assert stereo_mix(("UNSD", "DL", "DR")).taken == "1|2"


@pytest.mark.parametrize("ending", ["mov", "mkv", "ts", "mxf"])
def test_a_pair_of_mono_tracks_becomes_left_and_right(clip: Clip, tmp_path: Path, ending: str) -> None:
    path = clip(f"mono-pair.{ending}")
    verdict = inspect(*seen(path)).verdict
    assert (verdict.playability, "audio_tracks:mono_pair" in verdict.reasons) == ("transcode", True)
    assert pitches(rendered(path, tmp_path / "made.mp4")) == pytest.approx([LEFT, RIGHT], abs=3)


@pytest.mark.parametrize("name", ["mono-languages.mp4", "mono-comment.mkv"])
def test_two_mono_tracks_with_different_content_are_not_a_pair(clip: Clip, name: str) -> None:
    assert not inspect(*seen(clip(name))).facts.mono_pair
    assert len(choose_tracks(*seen(clip(name))).audio) == 1


@pytest.mark.parametrize("name", ["silent.mkv", "silent.ts", "silent.avi", "silent.flv"])
def test_a_sound_track_without_samples_is_silent(clip: Clip, name: str) -> None:
    assert inspect(*seen(clip(name))).facts.audio == ()
    assert choose_tracks(*seen(clip(name))).audio == ()


@pytest.mark.parametrize("name", ["plain.mp4", "plain.mkv", "mpeg2.mxf", "prores.mov", "real.rm"])
def test_a_sound_track_with_samples_has_sound(clip: Clip, name: str) -> None:
    assert [track.channels for track in inspect(*seen(clip(name))).facts.audio] == [1]

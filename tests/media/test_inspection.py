"""Facts of good files, bad files, and files that change during the read."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import pytest

from catalog_models.values import Moov, Playability
from tasks.media.fingerprint import EDGE
from tasks.media.source import open_source
from tasks.media.source_protocol import SourceChangedError, SourceGoneError
from tasks.metadata.inspection import inspect
from tasks.renditions.tracks import choose_tracks
from tests.media.clips import ffmpeg, rotated, seen

Clip = Callable[[str], Path]


@pytest.mark.parametrize(
    ("name", "playability", "reasons"),
    [
        ("plain.mp4", Playability.DIRECT, ()),
        ("late.mp4", Playability.DIRECT, ("moov:last",)),
        ("plain.webm", Playability.DIRECT, ()),
        ("interlaced.mp4", Playability.DIRECT, ("moov:last", "scan:interlaced")),
        ("plain.mkv", Playability.REMUX, ("container:matroska",)),
        ("plain.mov", Playability.REMUX, ("container:mov",)),
        ("plain.ts", Playability.REMUX, ("container:mpegts",)),
        ("hevc.mp4", Playability.TRANSCODE, ("video_codec:hevc",)),
        ("444.mp4", Playability.TRANSCODE, ("video_profile:high_4:4:4_predictive", "pixel_format:yuv444p")),
        (
            "prores.mov",
            Playability.TRANSCODE,
            ("video_codec:prores", "pixel_format:yuv422p10le", "audio_codec:pcm_s16le", "container:mov"),
        ),
        (
            "mpeg2.mxf",
            Playability.TRANSCODE,
            ("video_codec:mpeg2video", "audio_codec:pcm_s16le", "container:mxf"),
        ),
        ("plain.avi", Playability.TRANSCODE, ("video_codec:mpeg4", "container:avi")),
        ("encrypted.mp4", Playability.BROKEN, ("file:encrypted",)),
        ("one-frame.mp4", Playability.BROKEN, ("video:still",)),
        ("sound-only.mp4", Playability.BROKEN, ("video:none",)),
        ("cover-only.mp4", Playability.BROKEN, ("video:none",)),
    ],
)
def test_verdict_names_every_reason(
    clip: Clip, name: str, playability: Playability, reasons: tuple[str, ...]
) -> None:
    verdict = inspect(*seen(clip(name))).verdict
    assert (verdict.playability, verdict.reasons) == (playability, reasons)


def test_facts_of_a_plain_mp4(clip: Clip) -> None:
    facts = inspect(*seen(clip("plain.mp4"))).facts
    assert (facts.container, facts.moov, facts.decodes, facts.problem) == ("mp4", Moov.FIRST, True, None)
    assert facts.duration_seconds == pytest.approx(3, abs=0.1)
    assert facts.bit_rate == pytest.approx(clip("plain.mp4").stat().st_size * 8 / 3, rel=0.1)
    assert facts.video is not None
    assert (facts.video.codec, facts.video.width, facts.video.height) == ("h264", 320, 240)
    assert (facts.video.frame_rate, facts.video.sample_aspect, facts.video.rotation) == (25, 1.0, 0)
    assert [(track.codec, track.channels, track.sample_rate) for track in facts.audio] == [("aac", 1, 44100)]


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotation_is_counter_clockwise(clip: Clip, tmp_path: Path, degrees: int) -> None:
    video = inspect(*seen(rotated(clip("plain.mp4"), degrees, tmp_path / "turned.mp4"))).facts.video
    assert video is not None
    assert (video.rotation, video.width, video.height) == (degrees, 320, 240)


def test_pixels_may_be_rectangular(clip: Clip) -> None:
    video = inspect(*seen(clip("wide-pixels.mp4"))).facts.video
    assert video is not None
    assert video.sample_aspect == pytest.approx(4 / 3, rel=0.01)


def test_chapters_keep_their_titles(clip: Clip) -> None:
    chapters = inspect(*seen(clip("chapters.mkv"))).facts.chapters
    assert [(mark.start_seconds, mark.end_seconds, mark.title) for mark in chapters] == [
        (0.0, 1.5, "Day 1 – Final “table”"),
        (1.5, 3.0, "Day 2"),
    ]


def test_text_named_mp4_is_not_a_video(tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("hello\n" * 1000)
    facts = inspect(*seen(path)).facts
    assert facts.problem is not None
    assert "not a video" in facts.problem


def test_empty_file_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    assert inspect(*seen(path)).facts.problem == "it is empty"


def test_sparse_file_of_two_gigabytes_is_not_a_video(tmp_path: Path) -> None:
    path = tmp_path / "sparse.mp4"
    with path.open("wb") as file:
        file.truncate(2 << 30)
    assert inspect(*seen(path)).verdict.playability is Playability.BROKEN


def test_still_picture_named_like_a_video_is_refused(clip: Clip, tmp_path: Path) -> None:
    path = tmp_path / "picture.mkv"
    path.write_bytes(clip("picture.png").read_bytes())
    assert inspect(*seen(path)).verdict.reasons == ("file:unreadable",)


@pytest.mark.parametrize(
    "opener", ["#EXTM3U\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n", "ffconcat version 1.0\nfile {}\n"]
)
def test_playlist_does_not_open_another_file(clip: Clip, tmp_path: Path, opener: str) -> None:
    path = tmp_path / "list.mp4"
    path.write_text(opener.format(clip("plain.ts")))
    assert inspect(*seen(path)).facts.problem is not None


@pytest.mark.parametrize("name", ["plain.mp4", "late.mp4", "plain.mkv", "plain.avi", "mpeg2.mxf"])
def test_half_a_file_is_truncated(clip: Clip, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    whole = clip(name).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    inspection = inspect(*seen(path))
    assert inspection.facts.truncated
    assert inspection.verdict.playability is Playability.BROKEN
    assert "file:truncated" in inspection.verdict.reasons


def test_a_box_of_any_kind_before_the_index_is_skipped(clip: Clip, tmp_path: Path) -> None:
    whole = clip("late.mp4").read_bytes()
    index = whole.rindex(b"moov") - 4
    for kind in (b"frea", b"\0\0\0\0", b"\xa9day", b"    "):
        path = tmp_path / "box.mp4"
        path.write_bytes(whole[:index] + struct.pack(">I4s", 32, kind) + bytes(24) + whole[index:])
        assert inspect(*seen(path)).verdict.playability is Playability.DIRECT


def test_a_reference_movie_reports_missing_media(clip: Clip, tmp_path: Path) -> None:
    whole = bytearray(clip("plain.mov").read_bytes())
    index = whole.rindex(b"moov") - 4
    # The flag "in this file" is the last byte of each reference.
    for _track in range(whole.count(b"dref")):
        found = whole.index(b"dref", index)
        whole[found + 23] = 0
        whole[found : found + 4] = b"DREF"
    path = tmp_path / "reference.mov"
    path.write_bytes(whole[: whole.index(b"mdat") - 4] + whole[index:].replace(b"DREF", b"dref"))
    facts = inspect(*seen(path)).facts
    assert facts.problem == "it is a reference movie: the media files that it refers to are missing"
    assert not facts.truncated


@pytest.mark.parametrize("ending", ["mov", "avi", "mkv"])
@pytest.mark.parametrize("picture", ["mjpeg", "png"])
def test_a_picture_before_the_film_does_not_hide_it(
    clip: Clip, tmp_path: Path, picture: str, ending: str
) -> None:
    path = tmp_path / f"two.{ending}"
    ffmpeg(
        *f"-i {clip('picture.png')} -i {clip('plain.mp4')} -map 0 -map 1 -c copy -c:v:0 {picture}".split(),
        *f"-disposition:v:0 default {path}".split(),
    )
    inspection = inspect(*seen(path))
    assert inspection.facts.video is not None
    assert (inspection.facts.video.codec, inspection.facts.video.still) == ("h264", False)
    assert choose_tracks(*seen(path)).video == 1


@pytest.mark.parametrize("codec", ["mjpeg", "libx264"])
def test_a_picture_in_the_format_of_the_film_does_not_hide_it(clip: Clip, tmp_path: Path, codec: str) -> None:
    """Matroska does not count pictures, but stores the duration of a track."""
    path = tmp_path / "same.mkv"
    ffmpeg(
        *f"-r 1 -i {clip('picture.png')} -i {clip('plain.mp4')} -map 0 -map 1:v -c:v {codec} {path}".split()
    )
    video = inspect(*seen(path)).facts.video
    assert video is not None
    assert not video.still
    assert choose_tracks(*seen(path)).video == 1


@pytest.mark.parametrize("name", ["late-subtitle.mkv", "late-subtitle.mp4", "late-subtitle.webm"])
def test_a_late_subtitle_does_not_make_a_film_longer(clip: Clip, name: str) -> None:
    assert inspect(*seen(clip(name))).facts.duration_seconds == pytest.approx(3, abs=0.1)


def test_a_film_whose_clock_begins_late_is_not_longer(clip: Clip, tmp_path: Path) -> None:
    """Matroska of a live stream keeps its clock, but counts its duration from zero."""
    path = tmp_path / "late.mkv"
    ffmpeg(*f"-i {clip('plain.mp4')} -c copy -output_ts_offset 100 {path}".split())
    assert inspect(*seen(path)).facts.duration_seconds == pytest.approx(3, abs=0.1)
    assert choose_tracks(*seen(path)).seconds == pytest.approx(3, abs=0.1)


def test_bytes_after_the_last_box_are_ignored(clip: Clip, tmp_path: Path) -> None:
    path = tmp_path / "tail.mp4"
    path.write_bytes(clip("plain.mp4").read_bytes() + b"TAG" + bytes(125))
    assert inspect(*seen(path)).verdict.playability is Playability.DIRECT


def test_picture_larger_than_any_video_is_not_decoded(clip: Clip, tmp_path: Path) -> None:
    """A Matroska whose pictures claim 9,000 × 9,000 pixels, with a valid checksum."""
    png, path = clip("picture.png"), tmp_path / "huge.mkv"
    ffmpeg("-loop", "1", "-i", str(png), "-frames:v", "3", "-c:v", "copy", str(path))
    assert inspect(*seen(path)).facts.decodes
    header = png.read_bytes()[12:33]
    claim = header[:4] + (9000).to_bytes(4, "big") * 2 + header[12:17]
    path.write_bytes(path.read_bytes().replace(header, claim + crc32(claim).to_bytes(4, "big")))
    assert not inspect(*seen(path)).facts.decodes


@pytest.mark.parametrize(
    "name",
    [
        b"line\nbreak.mp4",
        b"quo'te\".mp4",
        b"100%d.mp4",
        b"concat:a|b.mp4",
        "♠ Σ😀.mp4".encode(),
        b"\xff\xfe\x80.mp4",
        b"n" * 251 + b".mp4",
    ],
)
def test_any_name_is_opened(clip: Clip, tmp_path: Path, name: bytes) -> None:
    path = os.path.join(os.fsencode(tmp_path), name)
    with open(path, "wb") as file:
        file.write(clip("plain.mp4").read_bytes())
    assert inspect(*seen(path)).verdict.playability is Playability.DIRECT


def test_fingerprint_survives_a_rename_and_covers_both_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    content = bytearray(os.urandom(5 * EDGE))
    path.write_bytes(content)
    first = inspect(*seen(path)).fingerprint
    assert inspect(*seen(path.rename(tmp_path / "b.mp4"))).fingerprint == first
    for place in (0, len(content) - 1):
        changed = content.copy()
        changed[place] ^= 1
        path.write_bytes(changed)
        assert inspect(*seen(path)).fingerprint != first


def test_file_that_changed_since_the_scan_is_not_read(clip: Clip, tmp_path: Path) -> None:
    path = tmp_path / "grows.mp4"
    path.write_bytes(clip("plain.mp4").read_bytes())
    before = seen(path)
    with path.open("ab") as file:
        file.write(b"more")
    with pytest.raises(SourceChangedError, match=r"grows\.mp4"):
        inspect(*before)


def test_file_replaced_during_the_read_is_rejected(clip: Clip, tmp_path: Path) -> None:
    path, other = tmp_path / "a.mp4", tmp_path / "b.mp4"
    for each in (path, other):
        each.write_bytes(clip("plain.mp4").read_bytes())
    before = seen(path)
    os.utime(other, ns=(before[2], before[2]))
    with pytest.raises(SourceChangedError), open_source(*before):
        other.replace(path)


def test_a_change_explains_a_failed_read(clip: Clip, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(clip("plain.mp4").read_bytes())
    with pytest.raises(SourceChangedError), open_source(*seen(path)):
        path.write_bytes(b"")
        raise ValueError("the reader saw nonsense")


def test_missing_file_raises_source_gone(tmp_path: Path) -> None:
    with pytest.raises(SourceGoneError, match=r"gone\.mp4"):
        inspect(os.fsencode(tmp_path / "gone.mp4"), 10, 0)


def test_pipe_in_place_of_a_file_does_not_hang(tmp_path: Path) -> None:
    path = tmp_path / "pipe.mp4"
    os.mkfifo(path)
    assert stat.S_ISFIFO(path.stat().st_mode)
    with pytest.raises(SourceChangedError):
        inspect(*seen(path))


def test_symbolic_link_in_place_of_a_file_is_not_followed(clip: Clip, tmp_path: Path) -> None:
    path = tmp_path / "link.mp4"
    path.symlink_to(clip("plain.mp4"))
    with pytest.raises(SourceChangedError):
        inspect(*seen(path))

"""Files with a wrong duration in the catalogue: joined recordings, and rows of an older version."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import pytest
from sqlalchemy import update

from catalog_models.tables import MediaFile
from flows.renditions import render as rendering
from tasks.renditions.tracks import Tracks, choose_tracks
from tests.flows.conftest import Render
from tests.flows.test_renditions import look, rendition_files, title
from tests.plugins.ingest import Archive, Ingest


def recording(folder: Path, *codec: str) -> bytes:
    """Return a transport stream of three seconds."""
    part = folder / "part.ts"
    source = ["-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=3"]
    coded = ["-c:v", *codec, "-pix_fmt", "yuv420p", "-g", "25", "-y", str(part)]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *source, *coded], check=True)
    return part.read_bytes()


@pytest.fixture
def joined(archive: Archive, tmp_path: Path) -> Path:
    """Add a file of two joined recordings of three seconds."""
    part = recording(tmp_path, "libx264", "-preset", "ultrafast")
    return archive.put("WSOP 2031 Main Event Day 7.ts", part * 2)


def test_a_rendition_of_a_recording_whose_codec_changes_is_not_published(
    archive: Archive, tmp_path: Path, ingest: Ingest, render: Render
) -> None:
    """FFmpeg copies the second codec as if it were the first: browsers would show it as 16x16 pixels."""
    both = recording(tmp_path, "mpeg2video") + recording(tmp_path, "libx264", "-preset", "ultrafast")
    archive.put("WSOP 2031 Main Event Day 7.ts", both)
    ingest(archive.root)
    rendered = render(transcode=True)
    assert rendered.made == 0
    assert "has 256 of 76,800 pixels" in rendered.failed[0]


def test_joined_recordings_play_to_their_end(
    joined: Path, archive: Archive, ingest: Ingest, render: Render
) -> None:
    ingest(archive.root)
    assert title(ingest, 7).duration_seconds == pytest.approx(6, abs=0.2)
    assert render().made == 1
    assert look(rendition_files(ingest)[0]).facts.duration_seconds == pytest.approx(6, abs=0.2)
    assert title(ingest, 7).status == "ready"


def _too_short(path: bytes, size: int, mtime_ns: int) -> Tracks:
    return replace(choose_tracks(path, size, mtime_ns), seconds=3.0)


def _too_long(path: bytes, size: int, mtime_ns: int) -> Tracks:
    return replace(choose_tracks(path, size, mtime_ns), seconds=36_003.0)


@pytest.mark.parametrize("stored", [3.0, 36_003.0])
def test_a_rendition_corrects_a_wrong_duration(
    joined: Path,
    archive: Archive,
    ingest: Ingest,
    render: Render,
    stored: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Time stamps that jump make a duration too short or too long."""
    ingest(archive.root)
    with ingest.session() as session, session.begin():
        session.execute(update(MediaFile).values(duration_seconds=stored))
    monkeypatch.setattr(rendering, "choose_tracks", _too_short if stored < 6 else _too_long)
    assert render().made == 1
    assert title(ingest, 7).duration_seconds == pytest.approx(6, abs=0.2)
    (file,) = ingest.rows(MediaFile)
    assert file.duration_seconds == pytest.approx(6, abs=0.2)

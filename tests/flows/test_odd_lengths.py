"""Files whose length the catalogue does not know: joined recordings, and what an older version stored."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import pytest
from sqlalchemy import update

from catalog_models.archive import MediaFile
from flows.jobs import rendering
from tasks.renditions.tracks import Tracks, choose_tracks
from tests.flows.conftest import Render
from tests.flows.test_renditions import look, lying, title
from tests.plugins.ingest import Archive, Ingest


@pytest.fixture
def joined(archive: Archive, tmp_path: Path) -> Path:
    """Two recordings of three seconds in one file."""
    part = tmp_path / "part.ts"
    source = ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=3"]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", str(part)]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *source, *coded], check=True)
    return archive.put("WSOP 2031 Main Event Day 7.ts", part.read_bytes() * 2)


def test_joined_recordings_play_to_their_end(
    joined: Path, archive: Archive, ingest: Ingest, render: Render
) -> None:
    ingest(archive.root)
    assert title(ingest, 7).duration_seconds == pytest.approx(6, abs=0.2)
    assert render().made == 1
    assert look(lying(ingest)[0]).facts.duration_seconds == pytest.approx(6, abs=0.2)
    assert title(ingest, 7).status == "ready"


def _too_short(path: bytes, size: int, mtime_ns: int) -> Tracks:
    return replace(choose_tracks(path, size, mtime_ns), seconds=3.0)


def _too_long(path: bytes, size: int, mtime_ns: int) -> Tracks:
    return replace(choose_tracks(path, size, mtime_ns), seconds=36_003.0)


@pytest.mark.parametrize("stored", [3.0, 36_003.0])
def test_a_rendition_corrects_a_length_that_was_wrong(
    joined: Path,
    archive: Archive,
    ingest: Ingest,
    render: Render,
    stored: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As time stamps that jump make it too short or too long, unless each packet is counted."""
    ingest(archive.root)
    with ingest.session() as session, session.begin():
        session.execute(update(MediaFile).values(duration_seconds=stored))
    monkeypatch.setattr(rendering, "choose_tracks", _too_short if stored < 6 else _too_long)
    assert render().made == 1
    assert title(ingest, 7).duration_seconds == pytest.approx(6, abs=0.2)
    (file,) = ingest.rows(MediaFile)
    assert file.duration_seconds == pytest.approx(6, abs=0.2)

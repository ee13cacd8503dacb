"""Failures of the machine: dead letters, full disks, files that take too long."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg
import pytest

from catalog_models.reads.review_lists import list_failures
from catalog_models.tables import StageFailure, Thumbnail
from catalog_models.writes import stage_failures
from flows.job.context import JobContext
from flows.job.executor import run_in_threads
from flows.retry_failures import retry
from orchestration.transactions import Transactions
from tests.flows.file_leases import held
from tests.plugins.ingest import Archive, Ingest


def test_a_file_that_cannot_be_opened_is_a_dead_letter_until_retried(
    archive: Archive, ingest: Ingest
) -> None:
    archive.put("good.mp4")
    with held(archive.put("a.mp4")):
        summary = ingest(archive.root)
    assert (summary.new, summary.failed, summary.programmes) == (2, 1, 1)
    (failure,) = ingest.rows(StageFailure)
    assert (failure.stage, failure.tries) == ("metadata", 1)
    # A dead letter is only retried on request.
    assert ingest(archive.root).failed == 1
    transactions = Transactions(ingest.engine, ingest.events.append)
    outcome = run_in_threads(JobContext(ingest.settings, transactions, ingest.pool), retry)
    assert (outcome.tried, outcome.failed) == (1, 0)
    assert set(ingest.titles()) == {"a", "good"}


def test_a_reset_dead_letter_is_tried_by_the_next_ingest(archive: Archive, ingest: Ingest) -> None:
    with held(archive.put("a.mp4")), held(archive.put("b.mp4")):
        assert ingest(archive.root).failed == 2
    with ingest.session() as session, session.begin():
        letters = {row.path: row for row in list_failures(session, 10).items}
        assert letters["a.mp4"].root == str(archive.root)
        tried = stage_failures.retry(session, [letters["a.mp4"].id, uuid.uuid4()])
    assert tried == [letters["a.mp4"].file_id]
    assert ingest(archive.root).failed == 1
    assert set(ingest.titles()) == {"a"}


def test_slow_pictures_do_not_prevent_metadata(archive: Archive, ingest: Ingest) -> None:
    """A hundred 4K pictures take longer than reading facts may.

    They are made separately, within their own time.
    """
    path = archive.put("long.mp4", b"")
    source = ["-f", "lavfi", "-i", "testsrc2=s=3840x2160:r=0.1:d=1000"]
    encoding = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "1", "-pix_fmt", "yuv420p", "-y"]
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *source, *encoding, str(path)], check=True
    )
    short = ingest.settings.model_copy(update={"probe_deadline": 0.7})
    summary = dataclasses.replace(ingest, settings=short)(archive.root)
    assert (summary.failed, summary.programmes) == (0, 1)
    assert ingest.file("long.mp4").duration_seconds == 1000
    assert len(ingest.rows(Thumbnail)) == 4


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 32 KiB."""
    folder = tmp_path / "home" / "thumbnails"
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
    if not mounted:
        pytest.skip("mounting a small tmpfs needs root (and the right to mount)")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_reported_and_the_next_run_continues(
    archive: Archive, ingest: Ingest, tiny_disk: Path
) -> None:
    for number in range(6):
        archive.put(f"{number}.mp4")
    summary = ingest(archive.root)
    assert summary.programmes == 6
    assert 0 < summary.failed <= 6
    assert not ingest.rows(StageFailure)
    assert not [
        path
        for path in tiny_disk.rglob("*")
        if path.is_file() and path.suffix not in (".jpg", ".webp", ".vtt")
    ]
    subprocess.run(["mount", "-o", "remount,size=10m", str(tiny_disk)], check=True)
    assert ingest(archive.root).failed == 0
    assert len(ingest.rows(Thumbnail)) == 24

"""Files that lose something, and their acceptance by moderators."""

from __future__ import annotations

import datetime as dt
import os
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from catalog_models.tables import FindingRow, MediaFile
from catalog_models.writes import quality_results
from flows.ingest.acceptance import Accepted, UnknownFileError, accept_files
from flows.ingest_batch import finish_files
from flows.job.context import JobContext
from flows.job.executor import run_in_threads
from orchestration.settings import Settings
from orchestration.transactions import Transactions
from tasks.media.pool import MediaPool
from tasks.quality import Gate, report
from tests.media.clips import ffmpeg
from tests.plugins.ingest import Archive, Ingest

Clip = Callable[..., bytes]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    """Return a function that makes a clip of some seconds, of this size, with or without sound."""
    folder = tmp_path_factory.mktemp("clips")

    def make(seconds: int, *, sound: bool = True, size: str = "320x240") -> bytes:
        path = folder / f"{seconds}-{sound}-{size}.mp4"
        if not path.exists():
            tone = ["-f", "lavfi", "-i", f"sine=d={seconds}"] if sound else []
            picture = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r=10:d={seconds}"]
            ffmpeg(*picture, *tone, "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(path))
        return path.read_bytes()

    return make


@pytest.fixture
def accept(settings: Settings, engine: Engine) -> Callable[..., Accepted]:
    def run(*paths: str | bytes) -> Accepted:
        named: Sequence[bytes] = [os.fsencode(path) for path in paths]
        place = JobContext(settings, Transactions(engine, lambda _event: None), MediaPool(1))
        return run_in_threads(place, lambda steps: accept_files(steps, named))

    return run


Accept = Callable[..., Accepted]


@dataclass
class Seen:
    """The state of a file in the catalogue."""

    ingest: Ingest
    path: str

    @property
    def quarantined(self) -> bool:
        return self.ingest.file(self.path).quarantined_at is not None

    @property
    def said(self) -> dict[str, str]:
        key = self.ingest.file(self.path).id
        rows = self.ingest.rows(FindingRow, FindingRow.media_file_id == key, FindingRow.resolved_at.is_(None))
        return {row.rule: row.message for row in rows}


@pytest.fixture
def show(ingest: Ingest) -> Seen:
    return Seen(ingest, "show.mp4")


def today() -> str:
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"


def test_a_file_that_lost_its_end_is_quarantined_until_it_is_restored(
    archive: Archive, ingest: Ingest, clip: Clip, show: Seen
) -> None:
    archive.put("show.mp4", clip(8))
    ingest(archive.root)
    archive.put("show.mp4", clip(3))
    summary = ingest(archive.root)
    assert (summary.changed, summary.quarantined, summary.programmes) == (1, 1, 0)
    assert show.said == {"shorter": f"its duration was 0:00:08 on {today()} and is now 0:00:03"}
    archive.put("show.mp4", clip(8))
    summary = ingest(archive.root)
    assert (summary.quarantined, summary.programmes, show.said) == (0, 1, {})


def test_a_file_that_lost_its_sound_is_quarantined(
    archive: Archive, ingest: Ingest, clip: Clip, show: Seen
) -> None:
    archive.put("show.mp4", clip(3))
    ingest(archive.root)
    archive.put("show.mp4", clip(3, sound=False))
    assert ingest(archive.root).quarantined == 1
    assert show.said["sound-gone"] == f"it had 1 sound track on {today()} and now has no sound"


def test_an_accepted_file_is_shown_and_becomes_the_approved_state(
    archive: Archive, ingest: Ingest, clip: Clip, show: Seen, accept: Accept
) -> None:
    archive.put("show.mp4", clip(12))
    ingest(archive.root)
    archive.put("show.mp4", clip(8))
    ingest(archive.root)
    assert show.quarantined
    (file,) = accept("show.mp4").files
    assert (file.path, file.quarantined, file.messages) == ("show.mp4", False, [])
    assert not show.said
    assert set(ingest.titles()) == {"show"}
    archive.put("show.mp4", clip(3))
    ingest(archive.root)
    assert show.said == {"shorter": f"its duration was 0:00:08 on {today()} and is now 0:00:03"}


def test_a_quarantined_file_is_judged_again_on_request(archive: Archive, ingest: Ingest, clip: Clip) -> None:
    def retry(**options: bool) -> list[uuid.UUID]:
        with ingest.session() as session, session.begin():
            return quality_results.retry_quarantined(session, keys, **options)

    archive.put("show.mp4", clip(8))
    archive.put("good.mp4", clip(3))
    ingest(archive.root)
    archive.put("show.mp4", clip(3))
    ingest(archive.root)
    keys = [ingest.file(path).id for path in ("show.mp4", "good.mp4")]
    assert retry() == keys[:1]
    assert ingest(archive.root).quarantined == 1
    assert retry(accept=True) == keys[:1]
    assert ingest(archive.root).quarantined == 0
    assert retry() == []
    assert set(ingest.titles()) == {"show", "good"}


def test_a_quarantined_file_is_compared_with_the_approved_state(
    archive: Archive, ingest: Ingest, clip: Clip, show: Seen
) -> None:
    for seconds in (8, 4, 3):
        archive.put("show.mp4", clip(seconds))
        ingest(archive.root)
    assert show.said["shorter"].startswith("its duration was 0:00:08")


def test_full_runs_moves_and_damage_keep_the_approved_state(
    archive: Archive, ingest: Ingest, clip: Clip
) -> None:
    path = archive.put("show.mp4", clip(8))
    ingest(archive.root)
    ingest(archive.root, full=True)
    assert not Seen(ingest, "show.mp4").said
    path.rename(archive.root / "renamed.mp4")
    ingest(archive.root)
    renamed = Seen(ingest, "renamed.mp4")
    assert not renamed.said
    archive.put("renamed.mp4", b"")
    ingest(archive.root)
    assert set(renamed.said) == {"empty"}
    archive.put("renamed.mp4", clip(3))
    ingest(archive.root)
    ingest(archive.root, full=True)
    assert renamed.quarantined
    assert set(renamed.said) == {"shorter"}


def test_a_reader_that_sees_less_in_the_same_content_quarantines_no_file(
    archive: Archive, ingest: Ingest, engine: Engine, clip: Clip, show: Seen
) -> None:
    archive.put("show.mp4", clip(3))
    ingest(archive.root)
    longer = "jsonb_set(approved, '{duration_seconds}', '3600')"
    with engine.begin() as connection:
        connection.execute(text(f"update media_files set approved = {longer}"))  # noqa: S608  # a constant
    ingest(archive.root, full=True)
    assert not show.quarantined


def test_a_smaller_picture_is_shown_and_noted_until_it_is_accepted(
    archive: Archive, ingest: Ingest, clip: Clip, show: Seen, accept: Accept
) -> None:
    archive.put("show.mp4", clip(3))
    ingest(archive.root)
    archive.put("show.mp4", clip(3, size="160x120"))
    ingest(archive.root)
    ingest(archive.root, full=True)
    assert not show.quarantined
    assert show.said == {"smaller": f"its picture was 320×240 on {today()} and is now 160×120"}
    accept("show.mp4")
    assert not show.said


def test_accepting_a_good_file_keeps_its_approved_state(
    archive: Archive, ingest: Ingest, clip: Clip, show: Seen, accept: Accept
) -> None:
    archive.put("show.mp4", clip(8))
    ingest(archive.root)
    accept("show.mp4")
    archive.put("show.mp4", clip(3))
    ingest(archive.root)
    assert show.quarantined


def test_a_file_is_accepted_before_it_is_read(
    archive: Archive, ingest: Ingest, clip: Clip, show: Seen, accept: Accept
) -> None:
    archive.put("show.mp4", clip(8))
    ingest(archive.root)
    archive.put("show.mp4", clip(3))
    accept("show.mp4")
    ingest(archive.root)
    assert not show.quarantined


def test_a_file_that_is_bad_by_itself_stays_quarantined(
    archive: Archive, ingest: Ingest, accept: Accept
) -> None:
    archive.put("a/text.mp4", b"this is no video\n" * 100)
    archive.put("good.mp4")
    ingest(archive.root)
    (bad,) = accept("a/text.mp4").files
    assert bad.quarantined
    assert bad.messages


@pytest.mark.parametrize("how", ["below", "absolute", "link", "working directory", "bytes", "text"])
def test_files_can_be_named_in_several_ways(
    archive: Archive,
    ingest: Ingest,
    accept: Accept,
    how: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    name = b"a/b\xff.mp4"
    archive.put(name)
    ingest(archive.root)
    root = os.fsencode(archive.root)
    monkeypatch.chdir(archive.root / "a")
    (tmp_path / "link").symlink_to(archive.root)
    named = {
        "below": name,
        "absolute": root + b"/a/../a/b\xff.mp4",
        "link": os.fsencode(tmp_path) + b"/link/" + name,
        "working directory": b"b\xff.mp4",
        "bytes": name,
        "text": rb"a/b\xff.mp4",
    }[how]
    assert [file.path for file in accept(named, named).files] == [r"a/b\xff.mp4"]


def test_an_unknown_file_is_reported_and_changes_nothing(
    archive: Archive, ingest: Ingest, clip: Clip, accept: Accept, tmp_path: Path
) -> None:
    archive.put("show.mp4", clip(3))
    gone = archive.put("gone.mp4")
    ingest(archive.root)
    gone.unlink()
    ingest(archive.root)
    before = ingest.file("show.mp4").approved
    for unknown in ("other.mp4", "gone.mp4", str(tmp_path / "show.mp4")):
        with pytest.raises(UnknownFileError, match="not a present file of the catalogue"):
            accept("show.mp4", unknown)
    assert before == ingest.file("show.mp4").approved
    other = tmp_path / "other"
    other.mkdir()
    (other / "show.mp4").write_bytes(clip(3, sound=False))
    ingest(other)
    with pytest.raises(UnknownFileError, match="whole path"):
        accept("show.mp4")
    assert accept(str(other / "show.mp4")).files


def test_great_expectations_judges_an_archive_and_the_report_names_its_files(
    archive: Archive, ingest: Ingest, settings: Settings, engine: Engine, clip: Clip, gate: Gate
) -> None:
    archive.put("show.mp4", clip(8))
    ingest(archive.root)
    archive.put("show.mp4", clip(3))
    archive.put("empty.mp4", b"")
    ingest(archive.root)
    with engine.begin() as connection:
        connection.execute(text("update media_files set quality_at = null, quarantined_at = null"))
        connection.execute(text("delete from findings"))
    context = JobContext(settings, Transactions(engine, lambda _event: None), ingest.pool, gate=gate)
    run_in_threads(context, lambda steps: finish_files(steps, None))
    assert [judgement.engine for judgement in context.notes.judgements] == ["great_expectations"]
    assert all(row.quarantined_at for row in ingest.rows(MediaFile))
    page = report(context.notes.judgements)
    assert "2 files judged in 1 batch" in page
    assert "| shorter | its duration was 0:00:08" in page
    assert re.search(r"\| empty \| .* \| empty\.mp4 \|", page)

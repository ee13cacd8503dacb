"""Missing files: listed, counted, forgotten on purpose, and recognised when they return."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from catalog_models.reads.alerts import open_alerts
from catalog_models.reads.overview import overview
from catalog_models.reads.problem_files import Problem, count_problem, list_problem
from catalog_models.reads.review_lists import list_missing
from catalog_models.tables import Alert, MediaFile
from flows.ingest.acceptance import accept_files
from flows.job.context import JobContext, NoProgress
from flows.job.executor import run_in_threads
from orchestration.transactions import Transactions
from tasks.catalogue.missing_files import FilePresentError, Named, NotMissingError, forget_files, forget_paths
from tasks.scan import ImplausibleScanError
from tests.media.clips import ffmpeg
from tests.plugins.ingest import ANN, Archive, Ingest


@pytest.fixture
def shows(archive: Archive, ingest: Ingest) -> list[Path]:
    """Return the three files of a folder that is then removed; others stay."""
    files = [archive.put(f"2009/Show 11/WSOP 2009 Event 11 part {part}.mp4") for part in (1, 2, 3)]
    archive.put("2009/Show 12/WSOP 2009 Event 12.mp4")
    ingest(archive.root)
    for file in files:
        file.unlink()
    return files


def forget(ingest: Ingest, *paths: str | Path) -> list[int]:
    named = [Named(str(path), [os.fsencode(path)]) for path in paths]
    with ingest.session() as session, session.begin():
        return [path.files for path in forget_paths(session, named, ANN).paths]


def kinds(ingest: Ingest) -> dict[str, str]:
    with ingest.session() as session:
        return {alert.kind: alert.message for alert in open_alerts(session)}


def test_a_folder_is_listed_once_and_its_files_a_page_at_a_time(
    shows: list[Path], archive: Archive, ingest: Ingest
) -> None:
    assert ingest(archive.root).missing == 3
    with ingest.session() as session:
        (line,) = list_problem(session, Problem.MISSING)
        assert line.text == f"{archive.root}/2009/Show 11/ — 3 files"
        assert (line.path, line.files, line.known) == ("2009/Show 11/", 3, 3)
        assert line.since is not None
        page = list_missing(session, 2, 1)
        assert (len(page.items), page.total) == (2, 3)
        assert page.items[0].path.startswith("2009/Show 11/")
        seen = overview(session, "home", [])
        assert (seen.missing.files, [each.path for each in seen.missing.lines]) == (3, ["2009/Show 11/"])
        assert seen.roots[0].missing == 3


def test_forgotten_files_leave_the_lists_the_counts_and_the_alerts(
    shows: list[Path], archive: Archive, ingest: Ingest
) -> None:
    ingest(archive.root)
    assert "Show 11/ — 3 files" in kinds(ingest)["missing_files"]
    assert forget(ingest, shows[0]) == [1]
    assert "2 files" in kinds(ingest)["missing_files"], "the message is up to date"
    assert forget(ingest, archive.root / "2009/Show 11") == [2]
    assert kinds(ingest) == {}
    assert ingest(archive.root).missing == 0
    assert kinds(ingest) == {}
    with ingest.session() as session:
        assert list_missing(session, 10).total == count_problem(session, Problem.MISSING) == 0
        assert overview(session, "home", []).roots[0].missing == 0


def test_a_forgotten_file_that_returns_is_the_same_file(
    shows: list[Path], archive: Archive, ingest: Ingest
) -> None:
    shows[0].write_bytes(archive.video())
    content = shows[0].read_bytes()
    ingest(archive.root)
    before = ingest.file("2009/Show 11/WSOP 2009 Event 11 part 1.mp4")
    shows[0].unlink()
    ingest(archive.root)
    forget(ingest, archive.root / "2009")
    archive.put("returned/WSOP 2009 Event 11 part 1.mp4", content)
    assert ingest(archive.root).moved == 1
    after = ingest.file("returned/WSOP 2009 Event 11 part 1.mp4")
    assert (after.id, after.forgotten_at, after.missing_since) == (before.id, None, None)
    Path(archive.root / "returned/WSOP 2009 Event 11 part 1.mp4").unlink()
    assert ingest(archive.root).missing == 1, "it is missing again, and not forgotten"


def test_a_forgotten_file_that_returns_to_its_path_is_the_same_file(archive: Archive, ingest: Ingest) -> None:
    file = archive.put("a.mp4")
    archive.put("b.mp4")
    ingest(archive.root)
    away = file.rename(archive.root.parent / "a.mp4")
    ingest(archive.root)
    forget(ingest, archive.root / "a.mp4")
    away.rename(file)
    assert ingest(archive.root, dry_run=True).missing == 0
    assert (ingest(archive.root).missing, ingest.file("a.mp4").forgotten_at) == (0, None)


def test_present_files_and_unknown_paths_are_refused(
    shows: list[Path], archive: Archive, ingest: Ingest
) -> None:
    ingest(archive.root)
    with pytest.raises(FilePresentError, match=r"Event 12\.mp4 is not missing"):
        forget(ingest, shows[0], archive.root / "2009/Show 12/WSOP 2009 Event 12.mp4")
    with pytest.raises(FilePresentError):
        forget(ingest, archive.root / "2009/Show 12")
    with pytest.raises(NotMissingError, match="no missing file"):
        forget(ingest, archive.root / "2009/Show 1")
    present = ingest.file("2009/Show 12/WSOP 2009 Event 12.mp4").id
    gone = ingest.rows(MediaFile, MediaFile.missing_since.is_not(None))
    with ingest.session() as session, session.begin(), pytest.raises(FilePresentError):
        forget_files(session, [present, gone[0].id], ANN)
    assert len(ingest.rows(MediaFile, MediaFile.forgotten_at.is_not(None))) == 0
    with ingest.session() as session, session.begin():
        assert forget_files(session, [gone[0].id], ANN) == [gone[0].id]
        assert forget_files(session, [gone[0].id], ANN) == []


def test_a_path_below_two_roots_is_refused(archive: Archive, ingest: Ingest) -> None:
    for root in ("one", "two"):
        archive.put(f"{root}/a/x.mp4").rename(archive.put(f"{root}/a/y.mp4"))
        archive.put(f"{root}/z.mp4")
        ingest(archive.root / root)
        (archive.root / root / "a/y.mp4").unlink()
        ingest(archive.root / root)
    with pytest.raises(NotMissingError, match=r"one and .*two: give the whole path"):
        forget(ingest, "a/y.mp4")
    assert forget(ingest, archive.root / "one/a") == [1]
    assert forget(ingest, "a/y.mp4") == [1]


def test_bad_files_raise_an_alert_until_they_are_repaired(archive: Archive, ingest: Ingest) -> None:
    archive.put("bad.mp4", b"no video")
    ingest(archive.root)
    assert kinds(ingest)["quarantined_files"].startswith(
        f"quarantined: 1 file below {archive.root}: bad.mp4."
    )
    archive.put("bad.mp4")
    ingest(archive.root)
    assert kinds(ingest) == {}
    (alert,) = ingest.rows(Alert)
    assert alert.resolved_at is not None


def test_a_dry_run_raises_no_alert(shows: list[Path], archive: Archive, ingest: Ingest) -> None:
    assert ingest(archive.root, dry_run=True).missing == 3
    assert kinds(ingest) == {}


def test_a_file_that_is_accepted_closes_its_alert(archive: Archive, ingest: Ingest, tmp_path: Path) -> None:
    def clip(seconds: int) -> bytes:
        out = tmp_path / f"{seconds}.mp4"
        ffmpeg("-f", "lavfi", "-i", f"testsrc2=s=64x48:r=10:d={seconds}", "-pix_fmt", "yuv420p", str(out))
        return out.read_bytes()

    archive.put("cut down.mp4", clip(9))
    ingest(archive.root)
    path = archive.put("cut down.mp4", clip(3))
    ingest(archive.root)
    assert list(kinds(ingest)) == ["quarantined_files"]
    context = JobContext(
        ingest.settings, Transactions(ingest.engine, lambda _: None), ingest.pool, NoProgress()
    )
    run_in_threads(context, lambda steps: accept_files(steps, [os.fsencode(path)]))
    assert kinds(ingest) == {}


def test_a_refusal_names_the_missing_folders(archive: Archive, ingest: Ingest) -> None:
    files = [archive.put(f"2009/Show {number % 2}/{number}.mp4", b"x%d" % number) for number in range(24)]
    archive.put("2010/stays.mp4", b"here")
    ingest(archive.root)
    for file in files:
        file.unlink()
    with pytest.raises(ImplausibleScanError) as refused:
        ingest(archive.root)
    assert "24 of the 25 known files" in str(refused.value)
    assert "2009/ — 24 files" in str(refused.value)
    assert str(refused.value).endswith("set `accept_missing`.")
    assert refused.value.on_command_line.endswith("confirm it with --accept-missing.")

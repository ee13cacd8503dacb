"""Every byte of the archive is read regularly, and silent changes of files are reported."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog_models.reads.overview import overview
from catalog_models.tables import FindingRow, Fixity
from flows.job.context import JobContext
from flows.job.executor import run_in_threads
from flows.upkeep import fixity as job
from flows.upkeep.fixity import Verified
from orchestration.transactions import Transactions
from tasks.fixity.digest import Digest, digest_of
from tasks.fixity.verdict import FixityResult, Known, judge
from tests.buckets import S3
from tests.flows.conftest import Fill
from tests.plugins.ingest import Archive, Ingest

Verify = Callable[..., Verified]


@pytest.fixture
def run(ingest: Ingest) -> Verify:
    def verified(budget: int | None = None, dry: bool = False) -> Verified:
        from flows.verify_fixity import verify

        context = JobContext(ingest.settings, Transactions(ingest.engine, ingest.events.append), ingest.pool)
        return run_in_threads(context, lambda steps: verify(steps, budget, dry=dry))

    return verified


@pytest.fixture
def films(filled: Fill) -> list[Path]:
    return filled(*(f"WSOP 2031 Main Event Day {number}.mp4" for number in (1, 2, 3)))


def change(path: Path, offset: int) -> None:
    """Change a byte as a failing disk does, without a new time."""
    seen = path.stat()
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)
        file.seek(offset)
        file.write(bytes([byte[0] ^ 1]))
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def findings(ingest: Ingest) -> dict[str, str]:
    return {row.rule: row.message for row in ingest.rows(FindingRow, FindingRow.resolved_at.is_(None))}


def test_bit_rot_is_found_and_a_restored_file_is_good_again(
    films: list[Path], ingest: Ingest, run: Verify
) -> None:
    done = run()
    assert (done.files, done.first, done.damaged) == (3, 3, [])
    whole = films[1].read_bytes()
    change(films[1], len(whole) // 2)
    done = run()
    assert (done.files, len(done.damaged)) == (3, 1)
    assert "Day 2.mp4: some of its bytes changed" in done.damaged[0]
    assert "restore it from a backup" in findings(ingest)["bit_rot"]
    with ingest.session() as session:
        (told,) = overview(session, "", []).damaged
    assert told.path.endswith("Day 2.mp4")
    assert len(run().damaged) == 1, "the damaged content does not become the known one"
    seen = films[1].stat()
    films[1].write_bytes(whole)
    os.utime(films[1], ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert (run().damaged, findings(ingest)) == ([], {})


def test_another_file_with_the_same_size_and_time_is_a_silent_change(
    films: list[Path], ingest: Ingest, run: Verify
) -> None:
    run()
    change(films[0], 40)
    assert "content was replaced" in run().damaged[0]
    assert set(findings(ingest)) == {"silent_change"}


def test_a_scanned_change_is_not_damage(
    films: list[Path], archive: Archive, ingest: Ingest, run: Verify
) -> None:
    run()
    archive.put("WSOP 2031 Main Event Day 1.mp4")
    assert run().files == 2, "changed files wait for the ingest"
    os.utime(films[1], (1_600_000_000, 1_600_000_000))
    ingest(archive.root)
    done = run()
    assert (done.files, done.first, done.damaged) == (3, 1, [])


def test_a_run_stays_within_its_budget_and_the_next_continues(
    films: list[Path], ingest: Ingest, run: Verify
) -> None:
    size = films[0].stat().st_size
    planned = run(size + 1, dry=True)
    assert (planned.files, planned.left, ingest.rows(Fixity)) == (2, 1, [])
    assert (run(size + 1).files, len(ingest.rows(Fixity))) == (2, 2)
    done = run(1)
    assert (done.files, done.first, len(ingest.rows(Fixity))) == (1, 1, 3)
    assert run(0).files == 0


def test_a_killed_run_is_continued_by_the_next(
    films: list[Path], ingest: Ingest, run: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, seen = digest_of, list[bytes]()

    def killed(path: bytes, *arguments: Any) -> Digest:
        seen.append(path)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return real(path, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(job, "digest_of", killed)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert len(ingest.rows(Fixity)) == 1
    assert run(1).first == 1


def test_an_unreadable_file_is_reported_and_does_not_stop_the_run(
    films: list[Path], ingest: Ingest, run: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = digest_of

    def broken(path: bytes, *arguments: Any) -> Digest:
        if path.endswith(b"Day 2.mp4"):
            raise OSError(5, "Input/output error")
        return real(path, *arguments)

    monkeypatch.setattr(job, "digest_of", broken)
    done = run()
    assert (done.files, len(done.unread)) == (2, 1)
    assert "Day 2.mp4: Input/output error" in done.unread[0]


def test_failed_reads_count_and_a_root_that_keeps_failing_is_skipped(
    films: list[Path], ingest: Ingest, run: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_path: bytes, size: int, _mtime: int, tell: Callable[[int], None], _rate: float) -> Digest:
        tell(size)
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(job, "digest_of", broken)
        assert len(run(1).unread) == 1, "failed reads count towards the budget"
        patch.setattr(job, "_IN_A_ROW", 2)
        done = run()
        assert (len(done.unread), done.left) == (2, 1)
    assert run().files == 3


def test_bad_files_do_not_prevent_others_from_being_read(
    films: list[Path], archive: Archive, ingest: Ingest, run: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several files were never read, enough to make a root look down, and one file has bit rot."""
    run()
    for number in range(job._IN_A_ROW):
        archive.put(f"WSOP 2032 Main Event Day {number}.mp4")
    ingest(archive.root)
    change(films[1], films[1].stat().st_size // 2)
    real = digest_of

    def closed(path: bytes, *arguments: Any) -> Digest:
        if b"2032" in path:
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments)

    monkeypatch.setattr(job, "digest_of", closed)
    assert len(run().unread) == job._IN_A_ROW
    assert len(run().damaged) == 1, "the next night they do not come first again"


def test_files_that_cannot_be_opened_do_not_use_the_budget(
    films: list[Path], ingest: Ingest, run: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = digest_of, list[bytes]()

    def broken(path: bytes, *arguments: Any) -> Digest:
        asked.append(path)
        if len(asked) < 3:
            raise OSError(5, "Input/output error")
        return real(path, *arguments)

    monkeypatch.setattr(job, "digest_of", broken)
    done = run(1)
    assert (done.files, len(done.unread), len(ingest.rows(Fixity))) == (1, 2, 1)


def test_a_root_that_is_down_is_checked_once(
    films: list[Path],
    archive: Archive,
    ingest: Ingest,
    run: Verify,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    well = Archive(tmp_path / "well", archive.clips)
    well.root.mkdir()
    well.put("WSOP 2032 Main Event Day 1.mp4")
    ingest(well.root)
    real, asked = digest_of, list[bytes]()

    def stale(path: bytes, *arguments: Any) -> Digest:
        if not path.startswith(os.fsencode(archive.root)):
            return real(path, *arguments)
        asked.append(path)
        raise OSError(errno.ESTALE, "Stale file handle")

    monkeypatch.setattr(job, "digest_of", stale)
    done = run()
    assert (done.files, len(done.unread), len(asked), done.left) == (1, 1, 1, 2)


def test_an_object_is_read_once_and_completely(s3: S3, archive: Archive, ingest: Ingest, run: Verify) -> None:
    content = archive.video() + bytes(3_000_000)
    s3.put("a.mp4", content)
    ingest(s3.location)
    s3.weather.sent = 0
    assert run().first == 1
    assert s3.weather.sent < len(content) * 1.2
    assert run().first == 0


_digests = st.builds(Digest, st.sampled_from([b"a", b"b"]), st.sampled_from([b"1", b"2"]))


@given(_digests, _digests, st.integers(1, 2), st.integers(1, 2))
def test_only_files_with_the_same_size_and_time_can_be_damaged(
    was: Digest, now: Digest, mtime: int, seen: int
) -> None:
    import datetime as dt

    known = Known(was, 10, mtime, dt.datetime.now(dt.UTC))
    outcome = judge(known, 10, seen, now)
    if was.sha256 == now.sha256:
        assert outcome is FixityResult.SAME
    else:
        assert (outcome is FixityResult.FIRST) == (mtime != seen)

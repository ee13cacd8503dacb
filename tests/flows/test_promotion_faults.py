"""Faults of copies on the SSD: killed processes, disks, changes by hand, and a budget of 0."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from catalog_models.tables import CachedFile
from catalog_models.writes import cached_files
from flows.job.context import CancelledRunError, JobContext
from flows.promotion import copy as copying
from flows.promotion import reconcile, reservations
from flows.promotion.plan import PromotionRequest
from flows.promotion.reconcile import CopiesGoneError
from orchestration.transactions import Transactions
from tasks.media.source import FileSource
from tasks.promotion import folder
from tasks.promotion.file_copy import copy_file
from tasks.promotion.folder import CacheUnusableError
from tests.flows.conftest import Promote, promoted
from tests.flows.test_promotion import cache_of, copies, day, files_in_cache, path_of, view
from tests.plugins.ingest import Archive, Ingest


@pytest.mark.parametrize("step", ["copy_file", "publish", "_flip"])
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_a_kill_at_any_step_leaves_nothing_unfinished(
    shop: Ingest, promotion: Promote, monkeypatch: pytest.MonkeyPatch, step: str, late: bool
) -> None:
    view(shop, day(shop, 1), 5)
    real = getattr(copying, step)

    def dying(*arguments: Any) -> Any:
        if late:
            real(*arguments)
        raise Death

    class Death(BaseException):
        pass

    with monkeypatch.context() as patched:
        patched.setattr(copying, step, dying)
        # A process that was killed frees nothing.
        patched.setattr(reservations, "_free_unfinished", lambda *_: None)
        with pytest.raises(Death):
            promotion()
    whole = late and step == "_flip"
    assert len(copies(shop)) == whole
    with shop.session() as session, session.begin():
        session.execute(text("update cached_files set claimed_until = now() - interval '1 second'"))
    promotion()
    assert len(copies(shop)) == files_in_cache(shop) == 1


def test_copies_of_a_dead_process_of_this_host_are_made_at_once(
    shop: Ingest, promotion: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    view(shop, day(shop, 1), 5)
    with monkeypatch.context() as patched:
        patched.setattr(copying, "_copy", _raise_death)
        patched.setattr(reservations, "_free_unfinished", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            promotion()
    assert promotion().copied == 0, "its process lives, so it may still be copying"
    with shop.session() as session, session.begin():
        # As if another process owned it.
        session.execute(text("update cached_files set owner = owner || '0'"))
    assert (promotion().copied, len(copies(shop))) == (1, 1)


def _raise_death(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_copy_removed_before_it_is_renamed_is_reported(
    shop: Ingest, promotion: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    view(shop, day(shop, 1), 5)
    real = copy_file

    def meddled(*arguments: Any) -> None:
        real(*arguments)
        for path in cache_of(shop).iterdir():
            path.unlink()

    with monkeypatch.context() as patched:
        patched.setattr(copying, "copy_file", meddled)
        assert "could not be renamed" in promotion().failed[0]
    assert (promotion().copied, files_in_cache(shop)) == (1, 1)


def test_a_full_disk_is_reported_and_leaves_nothing(
    shop: Ingest, promotion: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    view(shop, day(shop, 1), 5)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    done = promotion()
    assert "No space left on device" in done.failed[0]
    assert (copies(shop), files_in_cache(shop), shop.rows(CachedFile)) == ({}, 0, [])


def test_a_source_that_changes_during_the_copy_is_not_played(
    shop: Ingest, archive: Archive, promotion: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    view(shop, day(shop, 1), 5)
    real = FileSource.send

    def meddled(source: FileSource, target: int, offset: int, length: int) -> int:
        (archive.root / path_of(1)).write_bytes(b"another film")
        return real(source, target, offset, length)

    monkeypatch.setattr(FileSource, "send", meddled)
    done = promotion()
    assert (done.copied, len(done.failed)) == (0, 1)
    assert (copies(shop), files_in_cache(shop), shop.rows(CachedFile)) == ({}, 0, [])


def test_changes_by_hand_in_the_cache_folder_are_reconciled(shop: Ingest, promotion: Promote) -> None:
    for number in (1, 2, 3):
        view(shop, day(shop, number), 5)
    promotion()
    one, two, three = sorted(cache_of(shop).iterdir())
    one.unlink()
    two.write_bytes(b"not a film")
    three.unlink()
    three.mkdir()
    (cache_of(shop) / "README").write_text("a user's own")
    (cache_of(shop) / f"{uuid.uuid4()}.part").write_bytes(b"left by a crash")
    assert promotion().removed == 4
    assert copies(shop) == {path_of(n): (Path(shop_root(shop)) / path_of(n)).read_bytes() for n in (1, 2, 3)}
    assert (cache_of(shop) / "README").exists()
    assert files_in_cache(shop) == 5


def shop_root(shop: Ingest) -> str:
    with shop.session() as session:
        return os.fsdecode(session.execute(text("select path from roots")).scalar_one())


def test_the_copy_of_a_changed_file_is_removed(shop: Ingest, archive: Archive, promotion: Promote) -> None:
    view(shop, day(shop, 1), 5)
    promotion()
    archive.put(path_of(1))
    shop(archive.root)
    promotion()
    assert copies(shop) == {path_of(1): (archive.root / path_of(1)).read_bytes()}
    assert files_in_cache(shop) == 1


@pytest.mark.parametrize("wrong", ["budget", "missing", "archive", "network", "renditions", "a file"])
def test_an_unusable_cache_folder_is_reported(
    shop: Ingest,
    archive: Archive,
    promotion: Promote,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    wrong: str,
) -> None:
    kind = "nfs4" if wrong == "network" else "ext4"
    monkeypatch.setattr(folder, "mount_of", lambda _: (Path("/"), kind))
    inside = archive.root / "cache"
    choices: dict[str, dict[str, Any]] = {
        "budget": {"cache_bytes": 0},
        "missing": {"cache": tmp_path / "nowhere"},
        "archive": {"cache": inside},
        "network": {},
        "renditions": {"cache": tmp_path, "renditions": tmp_path},
        "a file": {"cache": None, "home": tmp_path / "home of a file"},
    }
    inside.mkdir()
    (tmp_path / "home of a file").mkdir()
    (tmp_path / "home of a file" / "cache").touch()
    with pytest.raises(CacheUnusableError, match=r"WSOPTV_CACHE|cannot be made"):
        promotion(**choices[wrong])
    assert list(inside.iterdir()) == []


def test_a_budget_of_zero_frees_the_ssd(shop: Ingest, promotion: Promote) -> None:
    promotion(*(day(shop, number).id for number in (1, 2)))
    with pytest.raises(CacheUnusableError, match=r"the budget is 0 .*2 would be evicted"):
        promotion(cache_bytes=0, dry=True)
    assert files_in_cache(shop) == 2
    with pytest.raises(CacheUnusableError, match=r"the budget is 0 .*2 evicted"):
        promotion(cache_bytes=0)
    assert (files_in_cache(shop), copies(shop)) == (0, {})


def test_an_unmounted_ssd_is_not_filled_again(
    shop: Ingest, promotion: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As with 20 of hundreds of files.
    monkeypatch.setattr(reconcile, "is_plausible_loss", lambda gone, _: not gone)
    promotion(day(shop, 1).id)
    cache_of(shop).rename(away := cache_of(shop).with_name("away"))
    with pytest.raises(CopiesGoneError, match="is the SSD mounted"):
        promotion()
    cache_of(shop).rmdir()
    away.rename(cache_of(shop))
    assert (promotion().removed, len(copies(shop))) == (0, 1)
    next(cache_of(shop).iterdir()).unlink()
    assert promotion(accept_missing=True).removed == 1


def test_an_ssd_with_a_single_copy_may_be_unmounted_as_well(
    shop: Ingest, promotion: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssd = Path(os.path.realpath(cache_of(shop).parent))
    for module in (reservations, reconcile):
        monkeypatch.setattr(module, "mount_of", lambda _: (ssd, "ext4"))
    promotion(day(shop, 1).id)
    (copy,) = cache_of(shop).iterdir()
    copy.rename(away := copy.with_name("away"))
    monkeypatch.setattr(reconcile, "mount_of", lambda _: (Path("/"), "ext4"))
    with pytest.raises(CopiesGoneError, match="is the SSD mounted"):
        promotion()
    away.rename(copy)
    assert (promotion().removed, len(copies(shop))) == (0, 1)
    copy.unlink()
    assert promotion(accept_missing=True).removed == 1


def test_a_cache_folder_that_moved_to_an_ssd_is_filled_there(
    shop: Ingest, promotion: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reservations, "mount_of", lambda _: (Path("/"), "ext4"))
    promotion(day(shop, 1).id)
    next(cache_of(shop).iterdir()).unlink()
    monkeypatch.setattr(reconcile, "mount_of", lambda _: (cache_of(shop), "ext4"))
    assert promotion(day(shop, 1).id).copied == 1


def test_a_copy_that_cannot_be_removed_keeps_its_room(
    shop: Ingest, promotion: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    promotion(day(shop, 1).id)

    def locked(path: Path) -> None:
        raise PermissionError(1, "Operation not permitted", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", locked)
        assert promotion(cache_bytes=1).left == 0
        assert (copies(shop), files_in_cache(shop), len(shop.rows(CachedFile))) == ({}, 1, 1)
    with shop.session() as session, session.begin():
        session.execute(text("update cached_files set claimed_until = now() - interval '1 second'"))
    assert (promotion(cache_bytes=1).removed, files_in_cache(shop), shop.rows(CachedFile)) == (1, 0, [])


def test_a_disk_that_other_programs_fill_is_not_filled_up(
    shop: Ingest, promotion: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        view(shop, day(shop, number), 5)
    real = copy_file

    def then_full(*arguments: Any) -> None:
        real(*arguments)
        monkeypatch.setattr(folder, "spare_room", lambda _: 0)

    monkeypatch.setattr(copying, "copy_file", then_full)
    done = promotion()
    assert (done.copied, len(done.failed)) == (1, 1)


def test_an_unacknowledged_commit_is_not_a_failure(
    shop: Ingest, promotion: Promote, unacknowledged_commits: None
) -> None:
    assert (promotion(day(shop, 1).id).copied, len(copies(shop)), files_in_cache(shop)) == (1, 1, 1)


def test_a_file_system_that_does_not_store_times_is_reported(
    shop: Ingest, promotion: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "utime", lambda *_args, **_kwargs: None)
    assert "does not store the time" in promotion(day(shop, 1).id).failed[0]


@pytest.mark.parametrize("step", ["_copy", "_given_up", "reserve"])
def test_a_cancelled_run_frees_its_room_at_once(
    shop: Ingest, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """During a copy, after a failed one, and between two steps of a title."""
    for number in (1, 2):
        view(shop, day(shop, number), 5)
    settings = shop.settings.model_copy(update={"cache_bytes": 1 << 30})
    context = JobContext(settings, Transactions(shop.engine, shop.events.append), shop.pool)
    module = cached_files if step == "reserve" else copying
    real = getattr(module, step)

    def cancelled(*arguments: Any) -> Any:
        context.cancellation.request("cancelled in Prefect")
        return real(*arguments)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        if step == "_given_up":
            patched.setattr(os, "posix_fallocate", full)
        patched.setattr(module, step, cancelled)
        with pytest.raises(CancelledRunError, match="cancelled in Prefect"):
            promoted(context, PromotionRequest())
    assert (copies(shop), files_in_cache(shop), shop.rows(CachedFile)) == ({}, 0, [])

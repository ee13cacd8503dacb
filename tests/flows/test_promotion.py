"""Hot titles come to the SSD whole or not at all, within the budget, and leave when others need the room."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from catalog_models.archive import MediaFile
from catalog_models.cached import CachedFile
from catalog_models.catalogue import Content
from catalog_models.people import User
from catalog_models.watching import ContentView, PlaybackSession
from flows.jobs import promoting, reconciling
from flows.jobs.context import Workplace
from flows.jobs.promoting import Promoted, promote
from flows.jobs.reconciling import CopiesGoneError
from orchestration.transactions import Transactions
from tasks.media.source import FileSource
from tasks.promotion import folder
from tasks.promotion.copying import copy_file
from tasks.promotion.folder import CacheUnusableError
from tests.flows.conftest import Archive, Ingest

Promote = Callable[..., Promoted]


@pytest.fixture
def shop(archive: Archive, ingest: Ingest) -> Ingest:
    """Four titles."""
    for number in range(1, 5):
        archive.put(f"WSOP 2031 Main Event Day {number}.mp4")
    ingest(archive.root)
    return ingest


@pytest.fixture
def run(shop: Ingest) -> Promote:
    def promotion(
        *ids: uuid.UUID, dry: bool = False, accept_missing: bool = False, **settings: Any
    ) -> Promoted:
        chosen = shop.settings.model_copy(update={"cache_bytes": 1 << 30, **settings})
        place = Workplace(chosen, Transactions(shop.engine, shop.events.append), shop.pool)
        return promote(place, ids, dry=dry, accept_missing=accept_missing)

    return promotion


def day(shop: Ingest, number: int) -> Content:
    return next(title for name, title in shop.titles().items() if name.endswith(f"Day {number}"))


def view(shop: Ingest, title: Content, times: int) -> None:
    with shop.session() as session, session.begin():
        session.add_all(ContentView(content_id=title.id) for _ in range(times))


def cache_of(shop: Ingest) -> Path:
    return shop.settings.cache_folder


def copies(shop: Ingest) -> dict[str, bytes]:
    """The ready copies' bytes, by the path of their file."""
    with shop.session() as session:
        rows = session.execute(
            select(MediaFile.path_text, CachedFile.id)
            .join(CachedFile, CachedFile.media_file_id == MediaFile.id)
            .where(CachedFile.state == "ready")
        ).tuples()
        return {path: (cache_of(shop) / str(key)).read_bytes() for path, key in rows}


def lying(shop: Ingest) -> int:
    """Files in the cache folder, whatever they are."""
    return len(list(cache_of(shop).iterdir()))


def path_of(number: int) -> str:
    return f"WSOP 2031 Main Event Day {number}.mp4"


def test_the_fifth_view_brings_a_title_to_the_ssd(shop: Ingest, archive: Archive, run: Promote) -> None:
    view(shop, day(shop, 1), 5)
    view(shop, day(shop, 2), 4)
    planned = run(dry=True)
    assert [one.name for one in planned.plan.copy] == ["WSOP 2031 Main Event – Day 1"]
    assert "5 views in 7 days" in planned.plan.copy[0].why
    assert lying(shop) == 0, "a dry run changes nothing"
    assert run().copied == 1
    assert copies(shop) == {path_of(1): (archive.root / path_of(1)).read_bytes()}
    (copy,) = cache_of(shop).iterdir()
    assert copy.stat().st_mtime_ns == (archive.root / path_of(1)).stat().st_mtime_ns
    assert (run().copied, lying(shop)) == (0, 1), "and not again"


def test_views_of_last_week_are_no_longer_hot(shop: Ingest, run: Promote) -> None:
    view(shop, day(shop, 1), 9)
    with shop.session() as session, session.begin():
        session.execute(text("update content_views set viewed_at = now() - interval '8 days'"))
    assert run().copied == 0


def test_a_title_that_somebody_names_is_copied_at_once(shop: Ingest, run: Promote) -> None:
    assert run(day(shop, 3).id).copied == 1
    again = run(day(shop, 3).id)
    assert (again.copied, [one.why for one in again.plan.kept_out]) == (
        0,
        ["it has a copy, or gets one at this moment"],
    )


def test_a_dry_run_knows_what_is_gone(shop: Ingest, run: Promote) -> None:
    view(shop, day(shop, 1), 5)
    run()
    next(cache_of(shop).iterdir()).unlink()
    foreseen = run(dry=True)
    assert (foreseen.mended, len(foreseen.plan.copy), len(shop.rows(CachedFile))) == (1, 1, 1)
    before = os.umask(0o077)
    try:
        assert run().copied == 1
    finally:
        os.umask(before)
    (copy,) = cache_of(shop).iterdir()
    assert copy.stat().st_mode & 0o777 == 0o644, "nginx may be another account"


def test_what_is_not_shown_is_not_copied(shop: Ingest, run: Promote) -> None:
    view(shop, day(shop, 1), 9)
    with shop.session() as session, session.begin():
        session.execute(update(Content).values(is_visible=False))
    assert run().copied == 0


def test_the_least_recently_used_leaves_and_what_is_played_stays(shop: Ingest, run: Promote) -> None:
    size = shop.file(path_of(1)).size
    budget = int(size * 2.5)
    for number in (1, 2):
        run(day(shop, number).id, cache_bytes=budget)
    used(shop, 1, "1 hour")
    used(shop, 2, "2 hours")
    play(shop, day(shop, 2))
    view(shop, day(shop, 3), 6)
    done = run(cache_bytes=budget)
    assert (done.left, done.copied) == (1, 1)
    assert set(copies(shop)) == {path_of(2), path_of(3)}
    assert lying(shop) == 2


def test_a_budget_that_was_lowered_is_kept_by_the_next_run(shop: Ingest, run: Promote) -> None:
    run(*(day(shop, number).id for number in (1, 2, 3, 4)))
    for number in (1, 2, 3, 4):
        used(shop, number, f"{number} hours")
    play(shop, day(shop, 4))
    budget = int(shop.file(path_of(1)).size * 2.5)
    planned = run(cache_bytes=budget, dry=True).plan.leave
    assert all("of the budget of" in one.why for one in planned)
    assert (run(cache_bytes=budget).left, len(planned)) == (2, 2)
    assert set(copies(shop)) == {path_of(1), path_of(4)}, "the least recently used but for what is played"


def used(shop: Ingest, number: int, ago: str) -> None:
    with shop.session() as session, session.begin():
        session.execute(
            update(CachedFile)
            .where(CachedFile.media_file_id == shop.file(path_of(number)).id)
            .values(used_at=text(f"now() - interval '{ago}'"))
        )


def play(shop: Ingest, title: Content) -> None:
    with shop.session() as session, session.begin():
        session.add(user := User(email="ann@example.com", username="ann", password_hash="x"))
        session.flush()
        session.add(PlaybackSession(user_id=user.id, content_id=title.id, device="x"))


def test_what_is_larger_than_the_budget_is_kept_out_and_said(shop: Ingest, run: Promote) -> None:
    view(shop, day(shop, 1), 5)
    done = run(cache_bytes=shop.file(path_of(1)).size)
    assert (done.copied, lying(shop)) == (0, 0)
    assert "larger than 95% of the budget" in done.plan.kept_out[0].why


def test_two_promotions_at_once_make_one_copy(shop: Ingest, run: Promote) -> None:
    for number in (1, 2, 3):
        view(shop, day(shop, number), 5)
    budget = int(shop.file(path_of(1)).size * 2.2)
    with ThreadPoolExecutor(3) as threads:
        done = list(threads.map(lambda _: run(cache_bytes=budget), range(3)))
    assert sum(one.copied for one in done) == len(copies(shop)) == lying(shop) == 2


@pytest.mark.parametrize("step", ["copy_file", "publish", "_flip"])
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_a_death_at_any_step_leaves_nothing_half_there(
    shop: Ingest, run: Promote, monkeypatch: pytest.MonkeyPatch, step: str, late: bool
) -> None:
    view(shop, day(shop, 1), 5)
    real = getattr(promoting, step)

    def dying(*arguments: Any) -> Any:
        if late:
            real(*arguments)
        raise Death

    class Death(BaseException):
        pass

    with monkeypatch.context() as patched:
        patched.setattr(promoting, step, dying)
        patched.setattr(promoting, "_give_up", lambda *_: None)  # nobody is left to do it
        with pytest.raises(Death):
            run()
    whole = late and step == "_flip"
    assert len(copies(shop)) == whole
    with shop.session() as session, session.begin():
        session.execute(text("update cached_files set claimed_until = now() - interval '1 second'"))
    run()
    assert len(copies(shop)) == lying(shop) == 1


def test_what_a_dead_process_of_this_host_was_copying_is_copied_at_once(
    shop: Ingest, run: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    view(shop, day(shop, 1), 5)
    with monkeypatch.context() as patched:
        patched.setattr(promoting, "_copy", _raise_death)
        patched.setattr(promoting, "_give_up", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert run().copied == 0, "its process lives, so it may still be copying"
    with shop.session() as session, session.begin():
        session.execute(text("update cached_files set owner = owner || '0'"))  # started at another moment
    assert (run().copied, len(copies(shop))) == (1, 1)


def _raise_death(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_copy_that_somebody_removes_before_it_has_its_name_is_told(
    shop: Ingest, run: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    view(shop, day(shop, 1), 5)
    real = copy_file

    def meddled(*arguments: Any) -> None:
        real(*arguments)
        for path in cache_of(shop).iterdir():
            path.unlink()

    with monkeypatch.context() as patched:
        patched.setattr(promoting, "copy_file", meddled)
        assert "could not be given its name" in run().failed[0]
    assert (run().copied, lying(shop)) == (1, 1)


def test_a_disk_that_is_full_is_said_and_nothing_is_left(
    shop: Ingest, run: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    view(shop, day(shop, 1), 5)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    done = run()
    assert "No space left on device" in done.failed[0]
    assert (copies(shop), lying(shop), shop.rows(CachedFile)) == ({}, 0, [])


def test_a_source_that_changes_while_it_is_copied_is_not_played(
    shop: Ingest, archive: Archive, run: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    view(shop, day(shop, 1), 5)
    real = FileSource.send

    def meddled(source: FileSource, target: int, offset: int, length: int) -> int:
        (archive.root / path_of(1)).write_bytes(b"another film")
        return real(source, target, offset, length)

    monkeypatch.setattr(FileSource, "send", meddled)
    done = run()
    assert (done.copied, len(done.failed)) == (0, 1)
    assert (copies(shop), lying(shop), shop.rows(CachedFile)) == ({}, 0, [])


def test_a_cache_folder_edited_by_hand_is_made_to_agree(shop: Ingest, run: Promote) -> None:
    for number in (1, 2, 3):
        view(shop, day(shop, number), 5)
    run()
    one, two, three = sorted(cache_of(shop).iterdir())
    one.unlink()
    two.write_bytes(b"not a film")
    three.unlink()
    three.mkdir()
    (cache_of(shop) / "README").write_text("somebody's own")
    (cache_of(shop) / f"{uuid.uuid4()}.part").write_bytes(b"left by a crash")
    assert run().mended == 4
    assert copies(shop) == {path_of(n): (Path(shop_root(shop)) / path_of(n)).read_bytes() for n in (1, 2, 3)}
    assert (cache_of(shop) / "README").exists()
    assert lying(shop) == 5


def shop_root(shop: Ingest) -> str:
    with shop.session() as session:
        return os.fsdecode(session.execute(text("select path from roots")).scalar_one())


def test_a_copy_of_a_file_that_is_another_now_leaves(shop: Ingest, archive: Archive, run: Promote) -> None:
    view(shop, day(shop, 1), 5)
    run()
    archive.put(path_of(1))
    shop(archive.root)
    run()
    assert copies(shop) == {path_of(1): (archive.root / path_of(1)).read_bytes()}
    assert lying(shop) == 1


@pytest.mark.parametrize("wrong", ["budget", "missing", "archive", "network", "renditions", "a file"])
def test_a_cache_that_cannot_be_used_is_said(
    shop: Ingest, archive: Archive, run: Promote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
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
        run(**choices[wrong])
    assert list(inside.iterdir()) == []


def test_a_budget_of_nothing_frees_the_ssd(shop: Ingest, run: Promote) -> None:
    run(*(day(shop, number).id for number in (1, 2)))
    with pytest.raises(CacheUnusableError, match=r"the budget is 0 .*2 would leave"):
        run(cache_bytes=0, dry=True)
    assert lying(shop) == 2
    with pytest.raises(CacheUnusableError, match=r"the budget is 0 .*2 left"):
        run(cache_bytes=0)
    assert (lying(shop), copies(shop)) == (0, {})


def test_an_ssd_that_is_not_mounted_is_not_filled_anew(
    shop: Ingest, run: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "is_plausible_loss", lambda gone, _: not gone)  # it were 20 of hundreds
    run(day(shop, 1).id)
    cache_of(shop).rename(away := cache_of(shop).with_name("away"))
    with pytest.raises(CopiesGoneError, match="is the SSD mounted"):
        run()
    cache_of(shop).rmdir()
    away.rename(cache_of(shop))
    assert (run().mended, len(copies(shop))) == (0, 1)
    next(cache_of(shop).iterdir()).unlink()
    assert run(accept_missing=True).mended == 1


def test_an_ssd_with_a_single_copy_may_be_away_as_well(
    shop: Ingest, run: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssd = Path(os.path.realpath(cache_of(shop).parent))
    for module in (promoting, reconciling):
        monkeypatch.setattr(module, "mount_of", lambda _: (ssd, "ext4"))
    run(day(shop, 1).id)
    (copy,) = cache_of(shop).iterdir()
    copy.rename(away := copy.with_name("away"))
    monkeypatch.setattr(reconciling, "mount_of", lambda _: (Path("/"), "ext4"))
    with pytest.raises(CopiesGoneError, match="is the SSD mounted"):
        run()
    away.rename(copy)
    assert (run().mended, len(copies(shop))) == (0, 1)
    copy.unlink()
    assert run(accept_missing=True).mended == 1


def test_a_cache_that_comes_to_lie_on_an_ssd_is_filled_there(
    shop: Ingest, run: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promoting, "mount_of", lambda _: (Path("/"), "ext4"))
    run(day(shop, 1).id)
    next(cache_of(shop).iterdir()).unlink()
    monkeypatch.setattr(reconciling, "mount_of", lambda _: (cache_of(shop), "ext4"))
    assert run(day(shop, 1).id).copied == 1


def test_what_cannot_be_removed_keeps_its_room_until_it_can(
    shop: Ingest, run: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(day(shop, 1).id)

    def locked(path: Path) -> None:
        raise PermissionError(1, "Operation not permitted", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", locked)
        assert run(cache_bytes=1).left == 0
        assert (copies(shop), lying(shop), len(shop.rows(CachedFile))) == ({}, 1, 1)
    with shop.session() as session, session.begin():
        session.execute(text("update cached_files set claimed_until = now() - interval '1 second'"))
    assert (run(cache_bytes=1).mended, lying(shop), shop.rows(CachedFile)) == (1, 0, [])


def test_a_disk_that_others_fill_meanwhile_is_not_filled(
    shop: Ingest, run: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        view(shop, day(shop, number), 5)
    real = copy_file

    def then_full(*arguments: Any) -> None:
        real(*arguments)
        monkeypatch.setattr(folder, "spare_room", lambda _: 0)

    monkeypatch.setattr(promoting, "copy_file", then_full)
    done = run()
    assert (done.copied, len(done.failed)) == (1, 1)


def test_a_commit_that_nobody_heard_of_is_no_failure(
    shop: Ingest, run: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL goes away after it took a commit, and before it said so: everything is run once more."""
    real = Transactions._once

    def twice(self: Transactions, work: Any) -> Any:
        real(self, work)
        return real(self, work)

    monkeypatch.setattr(Transactions, "_once", twice)
    assert (run(day(shop, 1).id).copied, len(copies(shop)), lying(shop)) == (1, 1, 1)


def test_a_file_system_that_keeps_no_times_is_said(
    shop: Ingest, run: Promote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "utime", lambda *_args, **_kwargs: None)
    assert "does not keep the time" in run(day(shop, 1).id).failed[0]

"""Hot titles are copied to the SSD completely or not at all, within the budget, and evicted for others."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import select, text, update

from catalog_models.tables import CachedFile, Content, ContentView, MediaFile, PlaybackSession, User
from tests.flows.conftest import Promote
from tests.plugins.ingest import Archive, Ingest


def day(shop: Ingest, number: int) -> Content:
    return next(title for name, title in shop.titles().items() if name.endswith(f"Day {number}"))


def view(shop: Ingest, title: Content, times: int) -> None:
    with shop.session() as session, session.begin():
        session.add_all(ContentView(content_id=title.id) for _ in range(times))


def cache_of(shop: Ingest) -> Path:
    return shop.settings.cache_folder


def copies(shop: Ingest) -> dict[str, bytes]:
    """Return the bytes of ready copies, by the path of their file."""
    with shop.session() as session:
        rows = session.execute(
            select(MediaFile.path_text, CachedFile.id)
            .join(CachedFile, CachedFile.media_file_id == MediaFile.id)
            .where(CachedFile.state == "ready")
        ).tuples()
        return {path: (cache_of(shop) / str(key)).read_bytes() for path, key in rows}


def files_in_cache(shop: Ingest) -> int:
    """Return the number of entries in the cache folder."""
    return len(list(cache_of(shop).iterdir()))


def path_of(number: int) -> str:
    return f"WSOP 2031 Main Event Day {number}.mp4"


def test_the_fifth_view_makes_a_title_hot(shop: Ingest, archive: Archive, promotion: Promote) -> None:
    view(shop, day(shop, 1), 5)
    view(shop, day(shop, 2), 4)
    planned = promotion(dry=True)
    assert [one.name for one in planned.plan.copy] == ["WSOP 2031 Main Event – Day 1"]
    assert "5 views in 7 days" in planned.plan.copy[0].why
    assert files_in_cache(shop) == 0, "a dry run changes nothing"
    assert promotion().copied == 1
    assert copies(shop) == {path_of(1): (archive.root / path_of(1)).read_bytes()}
    (copy,) = cache_of(shop).iterdir()
    assert copy.stat().st_mtime_ns == (archive.root / path_of(1)).stat().st_mtime_ns
    assert (promotion().copied, files_in_cache(shop)) == (0, 1), "it is copied only once"


def test_views_of_last_week_are_no_longer_hot(shop: Ingest, promotion: Promote) -> None:
    view(shop, day(shop, 1), 9)
    with shop.session() as session, session.begin():
        session.execute(text("update content_views set viewed_at = now() - interval '8 days'"))
    assert promotion().copied == 0


def test_a_named_title_is_copied_at_once(shop: Ingest, promotion: Promote) -> None:
    assert promotion(day(shop, 3).id).copied == 1
    again = promotion(day(shop, 3).id)
    assert (again.copied, [one.why for one in again.plan.kept_out]) == (
        0,
        ["it has a copy already, or is being copied"],
    )


def test_a_dry_run_accounts_for_missing_copies(shop: Ingest, promotion: Promote) -> None:
    view(shop, day(shop, 1), 5)
    promotion()
    next(cache_of(shop).iterdir()).unlink()
    foreseen = promotion(dry=True)
    assert (foreseen.removed, len(foreseen.plan.copy), len(shop.rows(CachedFile))) == (1, 1, 1)
    before = os.umask(0o077)
    try:
        assert promotion().copied == 1
    finally:
        os.umask(before)
    (copy,) = cache_of(shop).iterdir()
    assert copy.stat().st_mode & 0o777 == 0o644, "nginx may be another account"


def test_hidden_titles_are_not_copied(shop: Ingest, promotion: Promote) -> None:
    view(shop, day(shop, 1), 9)
    with shop.session() as session, session.begin():
        session.execute(update(Content).values(is_visible=False))
    assert promotion().copied == 0


def test_the_least_recently_used_copy_is_evicted_and_a_played_copy_stays(
    shop: Ingest, promotion: Promote
) -> None:
    size = shop.file(path_of(1)).size
    budget = int(size * 2.5)
    for number in (1, 2):
        promotion(day(shop, number).id, cache_bytes=budget)
    used(shop, 1, "1 hour")
    used(shop, 2, "2 hours")
    play(shop, day(shop, 2))
    view(shop, day(shop, 3), 6)
    done = promotion(cache_bytes=budget)
    assert (done.left, done.copied) == (1, 1)
    assert set(copies(shop)) == {path_of(2), path_of(3)}
    assert files_in_cache(shop) == 2


def test_the_next_run_applies_a_lowered_budget(shop: Ingest, promotion: Promote) -> None:
    promotion(*(day(shop, number).id for number in (1, 2, 3, 4)))
    for number in (1, 2, 3, 4):
        used(shop, number, f"{number} hours")
    play(shop, day(shop, 4))
    budget = int(shop.file(path_of(1)).size * 2.5)
    planned = promotion(cache_bytes=budget, dry=True).plan.evict
    assert all("of the budget of" in one.why for one in planned)
    assert (promotion(cache_bytes=budget).left, len(planned)) == (2, 2)
    assert set(copies(shop)) == {path_of(1), path_of(4)}, "the least recently used are evicted, unless played"


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


def test_a_title_larger_than_the_budget_is_reported_as_kept_out(shop: Ingest, promotion: Promote) -> None:
    view(shop, day(shop, 1), 5)
    done = promotion(cache_bytes=shop.file(path_of(1)).size)
    assert (done.copied, files_in_cache(shop)) == (0, 0)
    assert "larger than 95% of the budget" in done.plan.kept_out[0].why


def test_two_concurrent_promotions_make_one_copy(shop: Ingest, promotion: Promote) -> None:
    for number in (1, 2, 3):
        view(shop, day(shop, number), 5)
    budget = int(shop.file(path_of(1)).size * 2.2)
    with ThreadPoolExecutor(3) as threads:
        done = list(threads.map(lambda _: promotion(cache_bytes=budget), range(3)))
    assert sum(one.copied for one in done) == len(copies(shop)) == files_in_cache(shop) == 2

"""The promotion policy, for any hot titles and any copies on the SSD."""

from __future__ import annotations

import datetime as dt
import uuid

from hypothesis import given
from hypothesis import strategies as st

from catalog_models.reads.popularity import Popularity
from tasks.promotion.policy import FREED, FULL, Copy, make_plan

NOW = dt.datetime(2031, 7, 1, tzinfo=dt.UTC)

sizes = st.integers(1, 1_000)
popularities = st.builds(
    Popularity,
    content_id=st.uuids(),
    file_id=st.uuids(),
    name=st.just("a film"),
    size=sizes,
    views=st.integers(0, 50),
    bytes_sent=st.integers(0, 50_000),
)
held = st.builds(
    Copy,
    id=st.uuids(),
    name=st.just("a copy"),
    size=sizes,
    used_at=st.integers(0, 1_000).map(lambda minutes: NOW - dt.timedelta(minutes=minutes)),
    played=st.booleans(),
    kept_off=st.floats(0, 50_000),
)
several = st.lists(popularities, max_size=12, unique_by=lambda title: title.file_id)
some = st.lists(held, max_size=12, unique_by=lambda copy: copy.id)


@given(several, some, st.integers(1, 5_000), st.integers(0, 500))
def test_every_plan_is_valid(
    titles: list[Popularity], copies: list[Copy], budget: int, reserved: int
) -> None:
    plan = make_plan(titles, copies, budget, reserved)
    before = reserved + sum(copy.size for copy in copies)
    sizes_of = {copy.id: copy for copy in copies}
    assert plan.used == before - sum(one.size for one in plan.evict) + sum(one.size for one in plan.copy)
    assert not plan.copy or plan.used <= FULL * budget
    assert not any(sizes_of[one.id].played for one in plan.evict)
    assert {one.id for one in plan.copy} | {one.id for one in plan.kept_out} == {
        one.file_id for one in titles
    }
    assert len(plan.evict) == len({one.id for one in plan.evict})
    if plan.evict:
        oldest_left = max(sizes_of[one.id].used_at for one in plan.evict)
        hottest = max((title.kept_off for title in titles), default=0)
        for copy in copies:
            stays = copy.id not in {one.id for one in plan.evict}
            assert not (
                stays and not copy.played and copy.kept_off == 0 < hottest and copy.used_at < oldest_left
            )


@given(several, st.integers(1, 5_000))
def test_an_empty_ssd_gets_the_hottest_titles_that_fit(titles: list[Popularity], budget: int) -> None:
    plan = make_plan(titles, [], budget)
    assert not plan.evict
    names = {title.file_id: title for title in titles}
    for out in plan.kept_out:
        hotter = [names[one.id].size for one in plan.copy if names[one.id].kept_off >= names[out.id].kept_off]
        assert out.size + sum(hotter) > FULL * budget
    assert [names[one.id].kept_off for one in plan.copy] == sorted(
        (names[one.id].kept_off for one in plan.copy), reverse=True
    )


def _copy(minutes: int, size: int = 10, **more: object) -> Copy:
    fields = {"name": f"{minutes}", "played": False, "kept_off": 0.0} | more
    return Copy(id=uuid.uuid4(), size=size, used_at=NOW - dt.timedelta(minutes=minutes), **fields)  # type: ignore[arg-type]


def _title(size: int, views: int = 9) -> Popularity:
    return Popularity(uuid.uuid4(), uuid.uuid4(), "new", size, views, 0)


def test_copies_are_evicted_down_to_ninety_percent_least_recently_used_first() -> None:
    # 90 of 100.
    copies = [_copy(minutes) for minutes in (5, 9, 1, 7, 3, 8, 2, 6, 4)]
    plan = make_plan([_title(10)], copies, 100)
    assert [one.name for one in plan.evict] == ["9"]
    assert plan.used == FREED * 100
    assert not make_plan([_title(5)], copies, 100).evict, "95 are not more than 95"


def test_a_lowered_budget_is_applied_without_new_copies() -> None:
    # 100 of 50.
    copies = [_copy(minutes, kept_off=1_000) for minutes in range(9)] + [_copy(20, played=True)]
    plan = make_plan([], copies, 50)
    assert [one.name for one in plan.evict] == ["8", "7", "6", "5", "4", "3"], "a played copy stays"
    assert plan.used <= FREED * 50
    assert not make_plan([], copies, 106).evict
    assert not make_plan([], copies[:9], 100, reserved=9).evict, "copies in progress do not evict others"


@given(several, some, st.integers(1, 5_000))
def test_the_budget_is_never_exceeded_except_by_played_copies(
    titles: list[Popularity], copies: list[Copy], budget: int
) -> None:
    plan = make_plan(titles, copies, budget)
    gone = {one.id for one in plan.evict}
    assert plan.used <= FULL * budget or all(copy.played for copy in copies if copy.id not in gone)


def test_an_unviewed_copy_is_evicted_for_a_named_title() -> None:
    plan = make_plan([_title(90, 0)], [_copy(1, 90)], 100)
    assert (len(plan.copy), len(plan.evict)) == (1, 1)


def test_a_hotter_copy_is_not_evicted() -> None:
    copies = [_copy(minutes, kept_off=1_000_000) for minutes in range(9)]
    plan = make_plan([_title(10)], copies, 100)
    assert (plan.evict, plan.copy) == ([], [])
    assert "save the archive more reads" in plan.kept_out[0].why


def test_a_title_rarely_watched_to_the_end_saves_fewer_bytes() -> None:
    short = Popularity(uuid.uuid4(), uuid.uuid4(), "a minute of each", 1_000, 10, 100)
    whole = Popularity(uuid.uuid4(), uuid.uuid4(), "to its end", 500, 10, 5_000)
    assert [one.name for one in make_plan([short, whole], [], 1_100).copy] == ["to its end"]

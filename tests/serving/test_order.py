"""The watching order: which titles form a group, and in what order."""

from __future__ import annotations

import datetime as dt
import uuid
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from serving.titles.order import PLACE, natural_key, watching_order

FIELDS = dict.fromkeys(column.key for column in PLACE)
MAIN = {"event_type": "main_event", "content_type": "stream"}


def titled(title: str, **fields: Any) -> Any:
    return SimpleNamespace(**FIELDS | {"id": uuid.uuid4(), "title": title} | fields)


def names(titles: list[Any]) -> list[list[str]]:
    """Return the titles of each group. The order of the input must not matter."""
    found = [[title.title for title in group] for group in watching_order(titles)]
    assert [[title.title for title in group] for group in watching_order(titles[::-1])] == found
    return found


def test_days_and_parts_precede_the_final_table() -> None:
    days = ["1A", "1B", "1D", "2ABC", "2D", "3", "4", "10"]
    titles = [titled(day, day=day, **MAIN) for day in days if day != "4"]
    titles += [titled(f"4 part {part}", day="4", part=part, **MAIN) for part in (1, 2)]
    titles += [titled(f"final {day}", day=day, stage="final_table", **MAIN) for day in ("1", "2")]
    titles += [titled("final day", stage="final_day", **MAIN), titled("heads-up", stage="heads_up", **MAIN)]
    in_days = ["1A", "1B", "1D", "2ABC", "2D", "3", "4 part 1", "4 part 2", "10"]
    assert names(titles) == [[*in_days, "final day", "final 1", "final 2", "heads-up"]]
    late = [titled("7", day="7", **MAIN), titled("8", day="8", stage="final_table", **MAIN)]
    assert names(late) == [["7", "8"]]


def test_hands_are_sorted_by_day_and_number() -> None:
    hands = [
        titled(f"{day} {number}", day=day, hand_number=number, content_type="hand_clip", date=date)
        for day, date in (("1B", dt.date(2024, 12, 16)), ("2", dt.date(2024, 12, 17)))
        for number in (9, 12, 40)
    ]
    assert names(hands) == [["1B 9", "1B 12", "1B 40", "2 9", "2 12", "2 40"]]
    clips = [titled(f"Clip {number}", content_type="clip") for number in (2, 10, 9)]
    assert names(clips) == [["Clip 2", "Clip 9", "Clip 10"]]


def test_a_season_with_consecutive_numbers_is_one_group() -> None:
    episode = {"content_type": "episode"}
    season = [
        titled("Preview", **episode),
        titled("Hold'em 1", event_type="bracelet", event_name="Hold'em", episode=1, **episode),
        titled("2", episode=2, **episode),
        titled("Main 10", event_type="main_event", episode=10, **episode),
        titled("Main 11, the first half", event_type="main_event", episode=11, part=1, stage="final_table", **episode),
        titled("11, the second half", episode=11, part=2, **episode),
        titled("Final with the champion", stage="final_table", **episode),
    ]  # fmt: skip
    invited = titled("Champions", event_type="other", event_name="Champions", **episode)
    assert names([*season, invited]) == [[title.title for title in season], ["Champions"]]


def test_events_with_their_own_episode_numbers_are_separate_groups() -> None:
    counted = [
        titled(f"{name} {number}", event_type=kind, event_name=name, episode=number, content_type="episode")
        for kind, name in (
            ("other", "Charity"),
            ("bracelet", "High Roller"),
            ("main_event", "Main Event"),
        )
        for number in (1, 2)
    ]
    assert names(counted) == [
        ["Main Event 1", "Main Event 2"],
        ["High Roller 1", "High Roller 2"],
        ["Charity 1", "Charity 2"],
    ]
    seasons = [
        titled(f"S{season}E{number}", season=season, episode=number, content_type="episode")
        for season in (12, 13)
        for number in (1, 2)
    ]
    assert names(seasons) == [["S12E1", "S12E2"], ["S13E1", "S13E2"]]


def test_an_event_is_identified_by_number_or_by_name_and_buy_in() -> None:
    bracelet = {"event_type": "bracelet", "content_type": "stream"}
    titles = [
        titled("Main 1A", event_number=14, event_name="Main Event", day="1A", **MAIN),
        titled("Main 1B", event_name="European Championship", day="1B", **MAIN),
        titled("Main hand", event_type="main_event", content_type="hand_clip"),
        titled("#9 day 1", event_number=9, event_name="Omaha", day="1", **bracelet),
        titled("#9 day 2", event_number=9, event_name="Pot-Limit Omaha", day="2", **bracelet),
        titled("#10", event_number=10, event_name="Stud", **bracelet),
        titled("1K six", event_name="6-Max", buy_in=1_000, **bracelet),
        titled("10K six", event_name="6-Max", buy_in=10_000, **bracelet),
        titled("a clip", content_type="clip"),
    ]
    assert names(titles) == [
        ["Main 1A", "Main 1B"],
        ["Main hand"],
        ["#9 day 1", "#9 day 2"],
        ["#10"],
        ["1K six"],
        ["10K six"],
        ["a clip"],
    ]


def test_numbers_in_names_sort_by_value() -> None:
    names = ["Clip 10", "Clip 9", "Clip 9a", "Clip", "Ace", "Clip 1000000000000000000000", "Clip ²"]
    expected = ["Ace", "Clip", "Clip 9", "Clip 9a", "Clip 10", "Clip 1000000000000000000000", "Clip ²"]
    assert sorted(names, key=natural_key) == expected


FEW = st.none() | st.integers(0, 3)
TITLES = st.lists(
    st.builds(
        titled,
        st.text(max_size=8),
        content_type=st.sampled_from([None, "stream", "episode", "clip"]),
        event_type=st.sampled_from([None, "main_event", "bracelet", "unheard of"]),
        event_number=FEW,
        event_name=st.none() | st.text(max_size=3),
        buy_in=FEW,
        date=st.none() | st.dates(),
        stage=st.sampled_from([None, "final_table", "unheard of"]),
        day=st.none() | st.text(max_size=8),
        part=FEW,
        season=FEW,
        episode=FEW,
        hand_number=FEW,
    ),
    max_size=12,
)


@given(TITLES)
def test_every_title_has_exactly_one_stable_place(titles: list[Any]) -> None:
    groups = watching_order(titles)
    assert sorted(title.id for group in groups for title in group) == sorted(title.id for title in titles)
    assert all(groups)
    assert watching_order(sorted(titles, key=lambda title: title.id)) == groups

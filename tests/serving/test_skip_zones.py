"""Skip zones: the gaps between hands. Together with the hands, they cover the whole title."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from serving.stream.skip_zones import Division, Interval, divide

seconds = st.floats(0, 40_000, allow_nan=False)
hands = st.lists(st.builds(lambda start, length: Interval(start, start + length), seconds, seconds))


@given(hands, seconds)
def test_hands_and_gaps_divide_the_title_exactly(hands: list[Interval], duration: float) -> None:
    division = divide(hands, duration)
    parts = sorted((*division.action, *division.skip), key=lambda part: part.start)
    if duration == 0:
        assert not parts
        return
    assert (parts[0].start, parts[-1].end) == (0.0, duration)
    assert all(before.end == after.start for before, after in pairwise(parts)), "no gap, no overlap"
    assert all(part.length > 0 for part in parts)


@given(hands, seconds, seconds)
def test_a_moment_is_action_during_a_hand(hands: list[Interval], duration: float, moment: float) -> None:
    division = divide(hands, duration)
    inside = [hand for hand in hands if min(hand.end, duration) > hand.start]
    if inside and moment < duration:
        skipped = any(gap.start <= moment < gap.end for gap in division.skip)
        assert skipped != any(hand.start <= moment < hand.end for hand in inside)


def test_adjacent_hands_are_joined_and_clipped() -> None:
    hands = [Interval(50, 200), Interval(10, 20), Interval(20, 30), Interval(15, 18), Interval(150, 160)]
    assert divide(hands, 100) == Division(
        action=(Interval(10, 30), Interval(50, 100)), skip=(Interval(0.0, 10), Interval(30, 50))
    )
    assert divide(hands, 100).action_seconds == 70


def test_without_hands_nothing_is_skipped() -> None:
    assert divide([], 100) == Division((Interval(0.0, 100),), ())
    assert divide([Interval(200, 300)], 100) == divide([], 100), "a hand behind the end is none"

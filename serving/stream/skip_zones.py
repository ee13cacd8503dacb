"""Skip zones of a title: the time between its hands. This module is pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval from `start` to `end`, in seconds from the beginning of a title."""

    start: float
    end: float

    @property
    def length(self) -> float:
        """Return the duration in seconds."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Division:
    """A title divided into action and skip zones, which together cover all of it."""

    action: tuple[Interval, ...]
    skip: tuple[Interval, ...]

    @property
    def action_seconds(self) -> float:
        """Return the duration of the title without its skip zones."""
        return sum(interval.length for interval in self.action)


def divide(hands: Iterable[Interval], duration: float) -> Division:
    """Divide a title into its hands and the gaps between them.

    Overlapping and adjacent hands are joined, and hands are clipped to the title. A title without hands has
    no gaps.
    """
    action = _merged(Interval(max(hand.start, 0.0), min(hand.end, duration)) for hand in hands)
    if not action:
        return Division((Interval(0.0, duration),) if duration > 0 else (), ())
    edges = [0.0, *(edge for hand in action for edge in (hand.start, hand.end)), duration]
    gaps = (Interval(*pair) for pair in zip(edges[::2], edges[1::2], strict=True))
    return Division(action, tuple(gap for gap in gaps if gap.length > 0))


def _merged(hands: Iterable[Interval]) -> tuple[Interval, ...]:
    merged: list[Interval] = []
    for hand in sorted((hand for hand in hands if hand.length > 0), key=lambda hand: hand.start):
        if merged and hand.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, hand.end))
        else:
            merged.append(hand)
    return tuple(merged)

"""What is copied to the SSD, and what leaves it for that. Pure.

DESIGN §5: hot is what was viewed five times in seven days; the hottest is what keeps most bytes off the archive. The least
recently used leaves once 95 % of the budget are full, until 90 % are; what somebody plays stays.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from catalog_models.reads.popularity import Popularity

HOT_VIEWS = 5
"""Views that make a title hot."""

HOT_DAYS = 7
"""In so many days."""

FULL, FREED = 0.95, 0.90
"""Parts of the budget: above the first copies leave, down to the second."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What is on the SSD. `kept_off`: as of its title (`Popularity`)."""

    id: uuid.UUID
    name: str
    size: int
    used_at: dt.datetime
    played: bool
    kept_off: float


@dataclass(frozen=True, slots=True)
class Decision:
    """A file that is copied or a copy that leaves, and why. `room_for`: the file that a copy leaves for, if there is one."""

    id: uuid.UUID
    name: str
    size: int
    why: str
    room_for: uuid.UUID | None = None


@dataclass(slots=True)
class Plan:
    """What leaves and what is copied, each in the order in which it is to be done.

    Copies that leave for no file come first; the others leave before the file that they make room for is copied.
    `kept_out` says why hot titles are not copied. `used` is what is full in the end, of `budget`, in bytes.
    """

    budget: int
    used: int
    leave: list[Decision] = field(default_factory=list)
    copy: list[Decision] = field(default_factory=list)
    kept_out: list[Decision] = field(default_factory=list)


def make_plan(titles: Iterable[Popularity], copies: Collection[Copy], budget: int, reserved: int = 0) -> Plan:
    """What to do for these titles, none of which is on the SSD; `reserved`: bytes of copies that others are making."""
    plan = Plan(budget, reserved + sum(copy.size for copy in copies))
    staying = sorted(
        copies, key=lambda copy: (copy.used_at, copy.id), reverse=True
    )  # the next to go is the last
    _trim(plan, staying)
    for title in sorted(titles, key=lambda title: (-title.kept_off, title.size, title.file_id)):
        _place(plan, staying, title)
    return plan


def _trim(plan: Plan, staying: list[Copy]) -> None:
    """The budget was lowered, or the disk has filled with other things: go down to what may be full, whatever wants to come.

    What others are making is not counted: where the budget is a part of what is free, they have lowered it already."""
    full = sum(copy.size for copy in staying)
    if full <= FULL * plan.budget:
        return
    for copy in [copy for copy in reversed(staying) if not copy.played]:
        if full <= FREED * plan.budget:
            return
        full -= copy.size
        _leave(plan, staying, copy, f"more than {FULL:.0%} of the budget of {plan.budget:,} bytes are full")


def _leave(plan: Plan, staying: list[Copy], copy: Copy, why: str, room_for: uuid.UUID | None = None) -> None:
    staying.remove(copy)
    plan.used -= copy.size
    said = f"last used {copy.used_at:%Y-%m-%d %H:%M}; {why}"
    plan.leave.append(Decision(copy.id, copy.name, copy.size, said, room_for))


def _place(plan: Plan, staying: list[Copy], title: Popularity) -> None:
    if title.size > FULL * plan.budget:
        _keep_out(plan, title, f"larger than {FULL:.0%} of the budget of {plan.budget:,} bytes")
        return
    going = _going(plan, staying, title) if plan.used + title.size > FULL * plan.budget else []
    if going is None:
        _keep_out(
            plan, title, "what is on the SSD is played at this moment, or keeps more bytes off the archive"
        )
        return
    for copy in going:
        _leave(plan, staying, copy, f"makes room for {title.name}", title.file_id)
    plan.used += title.size
    plan.copy.append(Decision(title.file_id, title.name, title.size, _reason(title)))


def _going(plan: Plan, staying: Collection[Copy], title: Popularity) -> list[Copy] | None:
    """The least recently used that make room, None where that is not enough. What keeps more bytes off the archive for the room
    that it takes stays: else two sets of hot titles that do not fit together would take turns for ever."""
    going: list[Copy] = []
    left = plan.used + title.size
    for copy in reversed(list(staying)):
        if left <= FREED * plan.budget:
            break
        if not copy.played and _is_colder(copy, title):
            going.append(copy)
            left -= copy.size
    return going if left <= FULL * plan.budget else None


def _is_colder(copy: Copy, title: Popularity) -> bool:
    """What keeps nothing off the archive goes for whatever somebody names."""
    return not copy.kept_off or copy.kept_off / copy.size < title.kept_off / title.size


def _keep_out(plan: Plan, title: Popularity, why: str) -> None:
    plan.kept_out.append(Decision(title.file_id, title.name, title.size, why))


def _reason(title: Popularity) -> str:
    views = f"{title.views} views in {HOT_DAYS} days"
    if title.views < HOT_VIEWS:
        return f"asked for by name; {views}"
    return f"{views} keep {title.kept_off:,.0f} bytes off the archive"

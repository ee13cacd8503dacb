"""Decide which titles are copied to the SSD, and which copies are evicted for them. Pure.

DESIGN §5: a title is hot with five views in seven days. The hottest titles save the archive the most reads.
When 95 % of the budget are full, the least recently used copies are evicted, down to 90 %. A copy that is
being played stays.
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
"""The number of days in which these views count."""

FULL, FREED = 0.95, 0.90
"""Shares of the budget: above the first, copies are evicted, down to the second."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy on the SSD. `kept_off`: as of its title (`Popularity`)."""

    id: uuid.UUID
    name: str
    size: int
    used_at: dt.datetime
    played: bool
    kept_off: float


@dataclass(frozen=True, slots=True)
class Decision:
    """A file to copy, or a copy to evict, and why.

    `room_for`: the file that a copy is evicted for, if any.
    """

    id: uuid.UUID
    name: str
    size: int
    why: str
    room_for: uuid.UUID | None = None


@dataclass(slots=True)
class Plan:
    """The copies to evict and the files to copy, each in order.

    Evictions for no file come first; the others come before the file that they make room for. `kept_out` has
    the reasons why hot titles are not copied. `used` are the bytes in use at the end, of `budget`.
    """

    budget: int
    used: int
    evict: list[Decision] = field(default_factory=list)
    copy: list[Decision] = field(default_factory=list)
    kept_out: list[Decision] = field(default_factory=list)


def make_plan(titles: Iterable[Popularity], copies: Collection[Copy], budget: int, reserved: int = 0) -> Plan:
    """Plan for these titles, none of which is on the SSD.

    `reserved`: bytes of copies that other runs are making.
    """
    plan = Plan(budget, reserved + sum(copy.size for copy in copies))
    staying = sorted(copies, key=lambda copy: (copy.used_at, copy.id), reverse=True)
    _trim(plan, staying)
    for title in sorted(titles, key=lambda title: (-title.kept_off, title.size, title.file_id)):
        _place(plan, staying, title)
    return plan


def _trim(plan: Plan, staying: list[Copy]) -> None:
    """Evict copies until the target is reached, because the budget was lowered or the disk has filled up.

    Copies in progress do not count: if the budget is a share of the free space, they have lowered it already.
    """
    full = sum(copy.size for copy in staying)
    if full <= FULL * plan.budget:
        return
    for copy in [copy for copy in reversed(staying) if not copy.played]:
        if full <= FREED * plan.budget:
            return
        full -= copy.size
        _evict(plan, staying, copy, f"more than {FULL:.0%} of the budget of {plan.budget:,} bytes is full")


def _evict(plan: Plan, staying: list[Copy], copy: Copy, why: str, room_for: uuid.UUID | None = None) -> None:
    staying.remove(copy)
    plan.used -= copy.size
    said = f"last used {copy.used_at:%Y-%m-%d %H:%M}; {why}"
    plan.evict.append(Decision(copy.id, copy.name, copy.size, said, room_for))


def _place(plan: Plan, staying: list[Copy], title: Popularity) -> None:
    if title.size > FULL * plan.budget:
        _keep_out(plan, title, f"larger than {FULL:.0%} of the budget of {plan.budget:,} bytes")
        return
    going = _evictable(plan, staying, title) if plan.used + title.size > FULL * plan.budget else []
    if going is None:
        _keep_out(plan, title, "the copies on the SSD are being played, or save the archive more reads")
        return
    for copy in going:
        _evict(plan, staying, copy, f"makes room for {title.name}", title.file_id)
    plan.used += title.size
    plan.copy.append(Decision(title.file_id, title.name, title.size, _reason(title)))


def _evictable(plan: Plan, staying: Collection[Copy], title: Popularity) -> list[Copy] | None:
    """Return the least recently used copies that make enough room, or None.

    A copy that saves more reads for its size stays. Otherwise two sets of hot titles that do not fit together
    would replace each other forever.
    """
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
    """Return whether a copy may be evicted for a title.

    A copy that saves no reads yields to a named title.
    """
    return not copy.kept_off or copy.kept_off / copy.size < title.kept_off / title.size


def _keep_out(plan: Plan, title: Popularity, why: str) -> None:
    plan.kept_out.append(Decision(title.file_id, title.name, title.size, why))


def _reason(title: Popularity) -> str:
    views = f"{title.views} views in {HOT_DAYS} days"
    if title.views < HOT_VIEWS:
        return f"named in the request; {views}"
    return f"{views} save the archive {title.kept_off:,.0f} bytes of reads"

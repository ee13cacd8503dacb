"""The table of a promotion: the result of each title."""

from __future__ import annotations

from flows.job.result_table import Row, result_row
from flows.promotion.summary import Promoted


def copies_table(promoted: Promoted) -> list[Row]:
    """Return rows of the copies that were or would be made or evicted, with reasons; problems come first."""
    done = _planned(promoted) if promoted.dry else _done(promoted)
    return [*done, *(result_row("kept out", one.name, one.why, one.size) for one in promoted.plan.kept_out)]


def _planned(promoted: Promoted) -> list[Row]:
    plan = promoted.plan
    return [
        *(result_row("would be copied", one.name, one.why, one.size) for one in plan.copy),
        *(result_row("would be evicted", one.name, one.why, one.size) for one in plan.evict),
    ]


def _done(promoted: Promoted) -> list[Row]:
    down = "; ".join(promoted.down)
    return [
        *(result_row("failed", one.name, one.problem, one.size) for one in promoted.failures),
        *(result_row("waits", one.name, down, one.size) for one in promoted.waits),
        *(result_row("copied", one.name, one.why, one.size, one.seconds) for one in promoted.copies),
        *(result_row("evicted", one.name, one.why, one.size) for one in promoted.evicted),
    ]

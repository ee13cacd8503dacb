"""What the flows of the promotion share: the run, its end, and its report."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from prefect import State

from flows.prefect_runs.artifacts import show_promotion
from flows.prefect_runs.context import at_work
from flows.prefect_runs.states import done, ended, root_down
from flows.promotion.promotion import Promoted, promote, told
from tasks.promotion.policy import Decision


def run_promotion(
    content_ids: Sequence[uuid.UUID], *, dry_run: bool, accept_missing: bool = False
) -> State[Promoted]:
    """Promote, and leave a report of every decision."""
    with at_work(reads=False) as place:
        work = partial(promote, place, content_ids, dry=dry_run, accept_missing=accept_missing)
        state = ended(work, _told)
        outcome = state.result(raise_on_failure=False)
        if isinstance(outcome, Promoted):
            show_promotion(_rows(outcome), told(outcome))
        return state


def _told(promoted: Promoted) -> State[Promoted]:
    if promoted.down:
        return root_down(promoted, "; ".join(promoted.down), told(promoted))
    if promoted.failed:
        return done(
            promoted, f"{told(promoted)}: {'; '.join(promoted.failed)[:500]}", name="Completed with failures"
        )
    idle = not (promoted.dry or promoted.copied or promoted.left)
    return done(promoted, told(promoted), name="Nothing to promote" if idle else "Completed")


def _rows(promoted: Promoted) -> list[dict[str, Any]]:
    plan = promoted.plan
    return [
        *_table("evict", plan.leave),
        *_table("copy", plan.copy),
        *_table("keep out", plan.kept_out),
        *({"what": "failed", "title": failure, "bytes": "", "why": ""} for failure in promoted.failed),
    ]


def _table(what: str, decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    return [{"what": what, "title": one.name, "bytes": one.size, "why": one.why} for one in decisions]

"""The flow `promote-hot`: copy hot titles to the SSD."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from prefect import State, flow
from prefect.runtime import flow_run

from flows.job.executor import Executor, Later, in_flight
from flows.prefect_runs.artifacts import show_results
from flows.prefect_runs.ending import Ending
from flows.prefect_runs.executor import PrefectExecutor
from flows.prefect_runs.idle_runs import forget_idle_runs, is_scheduled
from flows.prefect_runs.run import run_in_prefect, threads
from flows.promotion.copy import CopyPlayed, copy_title, play_copy
from flows.promotion.eviction import CopiesEvicted, evict_copies
from flows.promotion.plan import PromotionPlanned, PromotionRequest, plan_promotion
from flows.promotion.report import copies_table
from flows.promotion.reservations import TitleCopy, reservations_kept, reserve_room, root_is_down
from flows.promotion.summary import Promoted, PromotionResults, sum_up_promotion


def promote(steps: Executor, wanted: PromotionRequest) -> Promoted:
    """Make room on the SSD, then copy titles to it one after the other.

    A failed copy does not stop the others.
    """
    planned = steps.submit(plan_promotion, wanted)
    plan = planned.result()
    with reservations_kept(steps.context, plan.copies):
        evicted = {one.room_for: steps.submit(evict_copies, one, planned) for one in plan.evictions}
        played = list(in_flight(_copies(steps, planned, evicted), 1))
    results = PromotionResults(
        plan, [each.result() for each in evicted.values()], [each.result() for each in played]
    )
    return steps.submit(sum_up_promotion, results, planned, *evicted.values(), *played).result().promoted


def _copies(
    steps: Executor, planned: Later[PromotionPlanned], evicted: dict[uuid.UUID | None, Later[CopiesEvicted]]
) -> Iterator[Later[CopyPlayed]]:
    """Start the copy of each title. Titles whose root is down are left for the next run."""
    for copy in planned.result().copies:
        if not root_is_down(steps.context, copy):
            made_room = [evicted[file] for file in (None, copy.title.id) if file in evicted]
            yield copy_to_ssd(steps, copy, planned, *made_room)


def copy_to_ssd(
    steps: Executor, copy: TitleCopy, planned: Later[PromotionPlanned], *made_room: Later[CopiesEvicted]
) -> Later[CopyPlayed]:
    """Take one title to the SSD."""
    reserved = steps.submit(reserve_room, copy, planned, *made_room)
    copied = steps.submit(copy_title, reserved)
    return steps.submit(play_copy, copied)


def _name() -> str:
    return "what would be promoted" if flow_run.parameters.get("dry_run") else "promote hot titles"


@flow(name="promote-hot", flow_run_name=_name, task_runner=threads())
def promote_hot(
    content_id: uuid.UUID | None = None,
    dry_run: bool = False,
    accept_missing: bool = False,
    content_ids: list[uuid.UUID] | None = None,
) -> State[Promoted]:
    """Copy titles to the SSD that were viewed five times in seven days; evict the least recently used.

    Args:
        content_id: A title to copy as well, however seldom it is viewed.
        dry_run: Only show what would be done, and why.
        accept_missing: Confirm that the many missing copies were deleted.
        content_ids: More titles to copy as well.
    """
    ids = ([content_id] if content_id else []) + (content_ids or [])
    wanted = PromotionRequest(tuple(dict.fromkeys(ids)), dry_run, accept_missing)
    return run_in_prefect(lambda steps: promote(steps, wanted), ending_of, report, reads=False)


_IDLE = "Nothing to promote"


def report(_steps: PrefectExecutor, promoted: Promoted | None) -> None:
    """Show the results.

    A scheduled run that had nothing to do shows nothing, and deletes the one before it.
    """
    if promoted is None:
        return
    if promoted.is_idle and is_scheduled():
        forget_idle_runs(_IDLE)
    else:
        show_results("promotion", copies_table(promoted), promoted.summary)


def ending_of(promoted: Promoted) -> Ending:
    """Return the state in which a promotion ends."""
    failures = "; ".join(promoted.failed)[:500]
    return Ending.of(
        _IDLE if promoted.is_idle else "Completed",
        f"{promoted.summary}: {failures}" if failures else promoted.summary,
        {"failed": len(promoted.failed)},
        down="; ".join(promoted.down) or None,
        waiting=promoted.waiting,
    )

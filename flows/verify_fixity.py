"""The flow `verify-fixity`: read whole files, and compare them with their known digests."""

from __future__ import annotations

from typing import Annotated, Any

from prefect import State, flow
from pydantic import Field

from flows.job.executor import Executor, Later
from flows.prefect_runs.artifacts import show_fixity
from flows.prefect_runs.ending import Ending
from flows.prefect_runs.executor import PrefectExecutor
from flows.prefect_runs.run import run_in_prefect, threads
from flows.upkeep.fixity import ReadingEnded, Verified, read_files, sum_up_fixity
from flows.upkeep.fixity_plan import Budget, Reading, plan_reading

Bytes = Annotated[int, Field(ge=0, le=1 << 60)]


def verify(steps: Executor, budget: int | None = None, *, dry: bool = False) -> Verified:
    """Read whole files, one batch after the other, until `budget` bytes were read; None: the setting.

    `dry`: only return how much would be read.
    """
    planned = steps.submit(plan_reading, Budget(budget, dry))
    plan, reading = planned.result(), Reading()
    last: Later[Any] = planned
    while not dry and (batch := plan.next_batch(reading)):
        read = steps.submit(read_files, batch, last)
        last, reading = read, read.result().reading
    return steps.submit(sum_up_fixity, ReadingEnded(plan, reading), last).result().verified


@flow(name="verify-fixity", flow_run_name="read whole files", task_runner=threads())
def verify_fixity(budget: Bytes | None = None, dry_run: bool = False) -> State[Verified]:
    """Read whole files, the ones read longest ago first, and compare them with their known digests.

    Args:
        budget: Bytes to read; the last file may exceed them. Empty: WSOPTV_FIXITY_BYTES of the worker.
        dry_run: Only show how much would be read.
    """
    return run_in_prefect(lambda steps: verify(steps, budget, dry=dry_run), _ending, _show, reads=False)


def _show(_steps: PrefectExecutor, verified: Verified | None) -> None:
    if verified is not None:
        show_fixity([*verified.damaged, *verified.unread], verified.counts)


def _ending(verified: Verified) -> Ending:
    said = "; ".join([verified.counts, *verified.damaged])[:500]
    return Ending.of(
        "Completed" if verified.files or verified.unread else "Nothing read",
        said,
        {"damaged": len(verified.damaged), "unreadable": len(verified.unread)},
        down="; ".join(verified.down) or None,
        waiting=verified.left,
    )

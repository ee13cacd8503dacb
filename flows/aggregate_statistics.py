"""The flow `aggregate-statistics`: sum up the days that have ended."""

from __future__ import annotations

from prefect import State, flow

from catalog_models.values import format_count
from flows.job.executor import Executor
from flows.prefect_runs.ending import Ending
from flows.prefect_runs.run import run_in_prefect, threads
from flows.upkeep.statistics import Now, Summed, find_days, sum_up_days


def aggregate(steps: Executor) -> Summed:
    """Sum up what was watched on each day that has ended."""
    found = steps.submit(find_days, Now())
    return steps.submit(sum_up_days, found).result().summed


@flow(name="aggregate-statistics", flow_run_name="sum up the days", task_runner=threads())
def aggregate_statistics() -> State[Summed]:
    """Sum up what was watched on each day that has ended.

    `expire-sessions` removes the playback sessions that the sums are made of after 30 days.
    """
    return run_in_prefect(aggregate, _ending, reads=False)


def _ending(summed: Summed) -> Ending:
    if not summed.days:
        return Ending("Nothing to sum up", "nothing was watched on a day that has ended")
    return Ending("Completed", f"{format_count(summed.days, 'day')} until {summed.last} summed up")

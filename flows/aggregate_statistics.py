"""The flow `aggregate-statistics`."""

from __future__ import annotations

from prefect import State, flow

from catalog_models.values import counted
from flows.prefect_runs.bench import batch_runner
from flows.prefect_runs.context import at_work
from flows.prefect_runs.states import done, ended
from flows.upkeep.statistics import Summed, sum_up


@flow(name="aggregate-statistics", flow_run_name="sum up the days", task_runner=batch_runner())
def aggregate_statistics() -> State[Summed]:
    """Sum up what was watched on each day that is over: what it is made of is forgotten after 30 days."""
    with at_work(reads=False) as place:

        def job() -> Summed:
            return place.bench.do("sum", "sum up the days that are over", lambda: sum_up(place.transactions))

        return ended(job, _told)


def _told(summed: Summed) -> State[Summed]:
    if not summed.days:
        return done(summed, "no day is over on which anything was watched", name="Nothing to sum up")
    return done(summed, f"{counted(summed.days, 'day')} until {summed.last} summed up")

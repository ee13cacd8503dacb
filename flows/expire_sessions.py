"""The flow `expire-sessions`: remove sign-ins and playback sessions that ended long ago."""

from __future__ import annotations

from dataclasses import dataclass

from prefect import State, flow
from prefect.client.orchestration import get_client

from catalog_models.values import format_count
from flows.job.executor import Executor
from flows.prefect_runs.best_effort import best_effort
from flows.prefect_runs.ending import Ending
from flows.prefect_runs.flow_runs import end_stale_runs
from flows.prefect_runs.run import run_in_prefect, threads
from flows.upkeep.expiry import forget_playback_sessions, forget_sign_ins
from flows.upkeep.statistics import Now, find_days, sum_up_days


@dataclass(frozen=True)
class Expired:
    """The numbers of sign-ins and playback sessions that were removed."""

    sign_ins: int
    playback_sessions: int


def expire(steps: Executor) -> Expired:
    """Remove what ended more than 30 days ago, after its days were summed up."""
    found = steps.submit(find_days, Now())
    summed = steps.submit(sum_up_days, found)
    sign_ins = steps.submit(forget_sign_ins, summed)
    sessions = steps.submit(forget_playback_sessions, sign_ins)
    return Expired(sign_ins.result().count, sessions.result().count)


@flow(name="expire-sessions", flow_run_name="forget ended sessions", task_runner=threads())
def expire_sessions() -> State[Expired]:
    """Remove sign-ins and playback sessions that ended 30 days ago; end flow runs that never began."""
    best_effort(_end_stale_runs)()
    return run_in_prefect(expire, _ending, reads=False)


def _end_stale_runs() -> None:
    with get_client(sync_client=True) as client:
        end_stale_runs(client)


def _ending(expired: Expired) -> Ending:
    forgotten = (
        f"{format_count(expired.sign_ins, 'sign-in')}, "
        f"{format_count(expired.playback_sessions, 'playback session')} forgotten"
    )
    idle = not (expired.sign_ins or expired.playback_sessions)
    return Ending("Nothing to forget" if idle else "Completed", forgotten)

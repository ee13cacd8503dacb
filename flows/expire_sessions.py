"""The flow `expire-sessions`."""

from __future__ import annotations

from prefect import State, flow
from prefect.client.orchestration import get_client

from catalog_models.values import counted
from flows.prefect_runs.bench import batch_runner
from flows.prefect_runs.best_effort import best_effort
from flows.prefect_runs.context import at_work
from flows.prefect_runs.flow_runs import end_stale_runs
from flows.prefect_runs.states import done, ended
from flows.upkeep.expiry import Expired, expire


@flow(name="expire-sessions", flow_run_name="forget what is over", task_runner=batch_runner())
def expire_sessions() -> State[Expired]:
    """Forget sign-ins and playback sessions that have been over for 30 days; end runs that never began."""
    with at_work(reads=False) as place:

        def job() -> Expired:
            return place.bench.do("expire", "expire: what is over", lambda: expire(place.transactions))

        best_effort(_end_stale_runs)()
        return ended(job, _told)


def _end_stale_runs() -> None:
    with get_client(sync_client=True) as client:
        end_stale_runs(client)


def _told(expired: Expired) -> State[Expired]:
    message = f"{counted(expired.sign_ins, 'sign-in')}, {counted(expired.playback_sessions, 'playback session')} forgotten"
    idle = not (expired.sign_ins or expired.playback_sessions)
    return done(expired, message, name="Nothing to forget" if idle else "Completed")

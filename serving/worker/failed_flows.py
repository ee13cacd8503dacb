"""Flows whose last run failed."""

from __future__ import annotations

import datetime as dt
import uuid

from orchestration.contracts import FailedFlows
from serving.worker.prefect_api import PrefectApi
from serving.worker.prefect_responses import PrefectRun

# Nightly flows have run within this many days.
_DAYS = 2
# The most runs that are read, from the latest.
_MOST = 200
# The most characters of a message.
_LONGEST = 500


async def failed_flows(api: PrefectApi) -> FailedFlows:
    """Return the messages of deployments whose last run failed or crashed.

    Raises `PrefectUnavailableError`.
    """
    since = dt.datetime.now(dt.UTC) - dt.timedelta(days=_DAYS)
    ended = {
        "state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED"]}},
        "start_time": {"after_": since.isoformat()},
    }
    runs, _ = await api.runs({"flow_runs": ended}, _MOST, 0)
    last: dict[uuid.UUID, PrefectRun] = {}
    for run in sorted((run for run in runs if run.end_time), key=lambda run: run.end_time or since):
        if run.deployment_id is not None:
            last[run.deployment_id] = run
    failed = {key: run for key, run in last.items() if run.state and run.state.type != "COMPLETED"}
    names = {one.id: one.name for one in await api.deployments()} if failed else {}
    return FailedFlows({names[key]: _message(names[key], run) for key, run in failed.items() if key in names})


def _message(name: str, run: PrefectRun) -> str:
    state = run.state
    assert state is not None  # noqa: S101 - a failed run has a state
    return f"the last run of {name} {state.name.lower()}: {state.message or 'see the log of the run in Prefect'}"[
        :_LONGEST
    ]

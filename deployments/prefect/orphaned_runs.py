"""Orphaned flow runs: their process has ended, but Prefect shows them as running.

The host of an embedded server finds them at once. The automation needs nine minutes, during which such a run
blocks the next one of its deployment.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun

log = logging.getLogger(__name__)

_MOST = 200


def end_orphaned_runs(client: SyncPrefectClient) -> int:
    """Mark runs as crashed if a worker of this host started their process, and it has ended.

    Returns their number.
    """
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
    from prefect.client.schemas.objects import StateType
    from prefect.states import Crashed

    at_work = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING]
    wanted = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=at_work)))
    dead = [run for run in client.read_flow_runs(flow_run_filter=wanted, limit=_MOST) if _is_dead(run)]
    for run in dead:
        log.warning("the process of flow run %s ended without reporting it", run.name)
        message = (
            "its process has ended: the host or its worker was stopped. The next run continues from there."
        )
        client.set_flow_run_state(run.id, Crashed(message=message), force=True)
    return len(dead)


def _is_dead(run: FlowRun) -> bool:
    """Return whether a worker recorded a process for the run that has ended."""
    pid = run.infrastructure_pid or ""
    if not pid.isdigit():
        return False
    try:
        return not any("prefect" in word for word in psutil.Process(int(pid)).cmdline())
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False

"""Scheduled runs that had nothing to do: only the last one is kept on the Runs page."""

from __future__ import annotations

from contextlib import suppress

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateName,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext
from prefect.exceptions import ObjectNotFound

from flows.prefect_runs.best_effort import best_effort

_SCHEDULED = "auto-scheduled"
"""The tag that Prefect gives the runs of a schedule."""

_MOST = 50
"""Runs that one run deletes. Usually there is one; an older version left hundreds."""


def is_scheduled() -> bool:
    """Return whether a schedule created the flow run of this thread, so that no user waits for its result."""
    run = _run()
    return run is not None and run.deployment_id is not None and _SCHEDULED in run.tags


@best_effort
def forget_idle_runs(state: str) -> None:
    """Delete the earlier scheduled runs of this deployment that ended in the state of this name.

    A run cannot delete itself: its process and its worker still report to it.
    """
    run = _run()
    if run is None or run.deployment_id is None:
        return
    idle = FlowRunFilter(
        id=FlowRunFilterId(not_any_=[run.id]),
        deployment_id=FlowRunFilterDeploymentId(any_=[run.deployment_id]),
        state=FlowRunFilterState(name=FlowRunFilterStateName(any_=[state])),
        tags=FlowRunFilterTags(all_=[_SCHEDULED]),
    )
    with get_client(sync_client=True) as client:
        for earlier in client.read_flow_runs(flow_run_filter=idle, limit=_MOST):
            # Another run of the deployment may have deleted it.
            with suppress(ObjectNotFound):
                client.delete_flow_run(earlier.id)


def _run() -> FlowRun | None:
    context = FlowRunContext.get()
    return context.flow_run if context else None

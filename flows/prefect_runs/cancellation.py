"""Cancellation of flow runs in the Prefect UI.

A worker ends the processes that it started. A run of a command has no worker: it asks the server for its own
state.
"""

from __future__ import annotations

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.context import FlowRunContext

from flows.job.context import Cancellation


def request_if_cancelled(cancellation: Cancellation) -> None:
    """Cancel the steps of this flow run if it was cancelled in Prefect."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(context.flow_run.id).state
    if state and state.type in (StateType.CANCELLING, StateType.CANCELLED):
        cancellation.request("cancelled in Prefect: the next run continues from here")

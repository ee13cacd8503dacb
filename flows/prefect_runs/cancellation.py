"""A flow run that is cancelled in the Prefect UI ends by itself, wherever it runs.

A worker ends the processes that it started. A run that a command started has no worker: it looks itself.
"""

from __future__ import annotations

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.context import FlowRunContext

from flows.job.context import Cancellation


def request_if_cancelled(cancellation: Cancellation) -> None:
    """Ask the server whether the flow run was cancelled, and have its steps end."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(context.flow_run.id).state
    if state and state.type in (StateType.CANCELLING, StateType.CANCELLED):
        cancellation.request("cancelled in Prefect: the next run continues from here")

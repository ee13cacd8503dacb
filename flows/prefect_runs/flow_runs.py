"""Flow runs that this process creates without a deployment, and runs that were created and never began."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from typing import TYPE_CHECKING, Any

from prefect.client.schemas.actions import FlowRunCreate
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Crashed, Pending, to_state_create

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.orchestration import SyncPrefectClient

log = logging.getLogger(__name__)

COMMAND_LINE = "command-line"
"""The tag of runs that a command creates.

They have no deployment: docs/decisions/0032-runs-of-commands.md.
"""

PENDING_MOST = dt.timedelta(minutes=9)
"""How long a run may be Pending: its process starts within seconds, and within minutes on a busy host."""

_PAGE = 200
_SAYS = (
    "The run was created, but never began: the request that created it timed out, or its process ended before. "
    "The next run does its work."
)


def create_flow_run(client: SyncPrefectClient, flow: Flow[..., Any], parameters: dict[str, Any]) -> FlowRun:
    """Create exactly one run of a flow, even if a response is lost. JSON can hold the `parameters`.

    Prefect's client repeats a request that timed out, and Prefect's engine sends it without an idempotency
    key. Then the server has a second run, and the first stays Pending.
    """
    wanted = FlowRunCreate(
        flow_id=client.create_flow(flow),
        flow_version=flow.version,
        parameters=parameters,
        state=to_state_create(Pending()),
        tags=[COMMAND_LINE],
        idempotency_key=str(uuid.uuid4()),
    )
    body = wanted.model_dump(mode="json", exclude_unset=True)
    created = FlowRun.model_validate(client.request("POST", "/flow_runs/", json=body).json())
    created.parameters = parameters
    return created


def end_stale_runs(client: SyncPrefectClient, pending_most: dt.timedelta = PENDING_MOST) -> int:
    """Mark runs as crashed that have been Pending for too long and have no process. Return their number."""
    before = dt.datetime.now(dt.UTC) - pending_most
    stale = [run for run in _pending(client) if _is_stale(run, before)]
    for run in stale:
        # The run may have begun since.
        if _is_stale(client.read_flow_run(run.id), before):
            log.warning("flow run %s (%s) never began", run.name, run.id)
            client.set_flow_run_state(run.id, Crashed(message=_SAYS))
    return len(stale)


def _pending(client: SyncPrefectClient) -> list[FlowRun]:
    wanted = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.PENDING])))
    found: list[FlowRun] = []
    while True:
        page = client.read_flow_runs(
            flow_run_filter=wanted, sort=FlowRunSort.ID_DESC, limit=_PAGE, offset=len(found)
        )
        found += page
        if len(page) < _PAGE:
            return found


def _is_stale(run: FlowRun, before: dt.datetime) -> bool:
    state = run.state
    # A worker records the process that it started; only the worker's host knows whether that process lives.
    return (
        state is not None
        and state.type == StateType.PENDING
        and state.timestamp < before
        and not run.infrastructure_pid
    )

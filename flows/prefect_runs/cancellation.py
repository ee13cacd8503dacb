"""A flow run that is cancelled in the Prefect UI ends by itself, wherever it runs.

A worker ends the processes that it started. A run that the command line started has no worker: it looks itself.
"""

from __future__ import annotations

import threading

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.context import FlowRunContext

from catalog_models.errors import ExpectedError


class CancelledInPrefectError(ExpectedError):
    """Somebody cancelled the run."""

    code = "cancelled"


class Cancelling:
    """Whether somebody has cancelled the flow run."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def check(self) -> None:
        """Raise `CancelledInPrefectError` when somebody has."""
        if self._asked.is_set():
            raise CancelledInPrefectError("cancelled in Prefect: the next run goes on from here")

    def end(self) -> None:
        """Have threads that are still at work stop: the run is over."""
        self._asked.set()

    def look(self) -> None:
        """Ask the server."""
        context = FlowRunContext.get()
        if context is None or context.flow_run is None:
            return
        with get_client(sync_client=True) as client:
            state = client.read_flow_run(context.flow_run.id).state
        if state and state.type in (StateType.CANCELLING, StateType.CANCELLED):
            self._asked.set()

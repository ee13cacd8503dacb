"""Heartbeats of a command's flow run. An automation marks a run without them as crashed.

Prefect sends heartbeats from a thread that sleeps for a second at a time, and a flow run waits for it at its
end. So the background thread of the run sends them (`flows.prefect_runs.background`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

from prefect.context import FlowRunContext
from prefect.events import emit_event
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

SECONDS = 60.0
"""Between two heartbeats. The automation waits for nine minutes."""


@contextmanager
def sent_by_us() -> Iterator[None]:
    """Turn Prefect's own heartbeats off for the flow runs of the block."""
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


class Heartbeat:
    """Sends the heartbeats of the flow run that the thread is in."""

    def __init__(self) -> None:
        self._sent = -math.inf

    def send(self) -> None:
        """Send a heartbeat, if the last one was a minute ago."""
        context = FlowRunContext.get()
        if context is None or context.flow_run is None or time.monotonic() - self._sent < SECONDS:
            return
        run = context.flow_run
        of_run = {"prefect.resource.id": f"prefect.flow-run.{run.id}", "prefect.resource.name": run.name}
        emit_event("prefect.flow-run.heartbeat", resource=of_run)
        self._sent = time.monotonic()

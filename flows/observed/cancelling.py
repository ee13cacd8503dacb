"""A flow run that is cancelled in the Prefect UI ends by itself, wherever it runs.

A worker ends the processes that it started. A run that the command line started has no worker: it looks itself.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.context import FlowRunContext

from catalog_models.errors import ExpectedError

log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0


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

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look every two seconds while we are inside."""
        context = FlowRunContext.get()
        run_id = context.flow_run.id if context and context.flow_run else None
        left = threading.Event()
        thread = threading.Thread(target=self._watch, args=(run_id, left), name="cancelling", daemon=True)
        thread.start()
        try:
            yield
        finally:
            left.set()
            thread.join(_LOOK_SECONDS)

    def _watch(self, run_id: object, left: threading.Event) -> None:
        while run_id is not None and not left.wait(_LOOK_SECONDS):
            try:
                with get_client(sync_client=True) as client:
                    state = client.read_flow_run(run_id).state  # type: ignore[arg-type]  # the id that Prefect gave us
            except Exception as error:  # noqa: BLE001  # a server that is away cancels nothing
                log.debug("the state of the run could not be read: %s", error)
                continue
            if state and state.type in (StateType.CANCELLING, StateType.CANCELLED):
                self._asked.set()
                return

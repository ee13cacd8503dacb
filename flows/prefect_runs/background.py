"""A thread that talks to the Prefect server during a flow run, so that no step waits for a busy server."""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

log = logging.getLogger(__name__)

_SECONDS = 2.0


@contextmanager
def in_background(jobs: Sequence[Callable[[], None]]) -> Iterator[None]:
    """Run these jobs every two seconds until the block ends; one that fails is retried the next time."""
    ended = threading.Event()
    # The copy has the flow run of this thread.
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(_run, jobs, ended), name="background", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(_SECONDS)


def _run(jobs: Sequence[Callable[[], None]], ended: threading.Event) -> None:
    while not ended.wait(_SECONDS):
        for job in jobs:
            try:
                job()
            # A run does not stop because Prefect cannot show it.
            except Exception as error:  # noqa: BLE001
                log.debug("Prefect's server did not respond: %s", error)

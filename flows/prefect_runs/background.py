"""A thread beside a flow run that speaks with the server: a busy server answers late, and the work waits for none of it."""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

log = logging.getLogger(__name__)

_SECONDS = 2.0


@contextmanager
def beside(errands: Sequence[Callable[[], None]]) -> Iterator[None]:
    """Run these errands every two seconds while we are inside; one that fails is tried again the next time."""
    left = threading.Event()
    context = contextvars.copy_context()  # it knows of which flow run we speak
    thread = threading.Thread(target=context.run, args=(_run, errands, left), name="beside", daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        thread.join(_SECONDS)


def _run(errands: Sequence[Callable[[], None]], left: threading.Event) -> None:
    while not left.wait(_SECONDS):
        for errand in errands:
            try:
                errand()
            except Exception as error:  # noqa: BLE001  # nobody's work stops because it cannot be watched
                log.debug("Prefect could not be told, or asked: %s", error)

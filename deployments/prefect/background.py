"""Prefect beside the API: its server, what it is to know, and a worker, all while `up` is there and none in its way."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from catalog_models.errors import ExpectedError
from deployments.stack import use_prefect, use_worker
from deployments.stack.errors import StackError
from orchestration.settings import Settings

log = logging.getLogger(__name__)

_AGAIN_SECONDS = 30.0
_LEAVE_SECONDS = 60.0


@contextmanager
def prefect_in_background(settings: Settings, on_ready: Callable[[str], None]) -> Iterator[None]:
    """Have Prefect at work while we are inside: viewers wait for none of it, and it may fail without them.

    `on_ready` is told the address of its UI once a worker waits for runs. Leaving stops the worker, then the server.
    """
    left, there = threading.Event(), threading.Event()

    def ready(ui: str) -> None:
        there.set()
        on_ready(ui)

    thread = threading.Thread(target=_stay, args=(settings, ready, left), name="prefect", daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        # What is only starting ends with us: its keepers see our locks go.
        thread.join(_LEAVE_SECONDS if there.is_set() else 1.0)


def _stay(settings: Settings, on_ready: Callable[[str], None], left: threading.Event) -> None:
    while not left.is_set():
        try:
            with use_prefect(settings, "up") as api_url:
                if not left.is_set():
                    _deploy()
                if not left.is_set():
                    with use_worker(settings, "up"):
                        on_ready(api_url.removesuffix("/api"))
                        left.wait()
        except (ExpectedError, OSError) as error:
            log.warning("Prefect is not there, flows do not run: %s", error)
            left.wait(_AGAIN_SECONDS)


def _deploy() -> None:
    """Apply the deployments in a process of its own: Prefect's libraries are large, and no business of the API's."""
    command = [sys.executable, "-P", "-c", "from deployments.cli import main; main()", "deploy"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackError(done.stderr.strip() or f"`wsoptv deploy` ended with {done.returncode}")

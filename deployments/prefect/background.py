"""Prefect in the background of `up`: server, deployments and worker. The API does not wait for them."""

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

_RETRY_SECONDS = 30.0
_STOP_SECONDS = 60.0


@contextmanager
def prefect_in_background(settings: Settings, on_ready: Callable[[str], None]) -> Iterator[None]:
    """Run a Prefect server and a worker during the block. Their failures are logged and retried.

    `on_ready` gets the address of the UI once a worker waits for runs. At the end of the block the worker
    stops, then the server.
    """
    left, is_ready = threading.Event(), threading.Event()

    def ready(ui: str) -> None:
        is_ready.set()
        on_ready(ui)

    thread = threading.Thread(target=_run, args=(settings, ready, left), name="prefect", daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        # Servers that are still starting end with this process, which releases their locks.
        thread.join(_STOP_SECONDS if is_ready.is_set() else 1.0)


def _run(settings: Settings, on_ready: Callable[[str], None], left: threading.Event) -> None:
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
            log.warning("Prefect is unavailable; flow runs are paused: %s", error)
            left.wait(_RETRY_SECONDS)


def _deploy() -> None:
    """Apply the deployments in a separate process: this one must not load Prefect's large libraries."""
    command = [sys.executable, "-P", "-c", "from deployments.cli import main; main()", "deploy"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackError(done.stderr.strip() or f"`wsoptv deploy` failed with exit code {done.returncode}")

"""The Prefect worker of this host, which starts scheduled flow runs and those of the UI and other flows."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from typing import IO

import psutil

from deployments.stack.layout import Layout
from deployments.stack.prefect_access import authorized
from deployments.stack.prefect_environment import POOL, client_environment
from deployments.stack.prefect_server import ASK_SECONDS
from deployments.stack.server import bound_to_parent
from deployments.stack.use import Stack
from orchestration.secret_files import SUFFIX
from orchestration.settings import Settings

_FLOW_RUN_SECONDS = 10.0
# Flow runs at once on this host: each starts its own processes for reading files.
_LIMIT = 2


class PrefectWorker:
    """A worker of type `process`: each flow run is a process with the servers' addresses as variables."""

    name = "prefect-worker"

    def __init__(self, layout: Layout, stack: Stack, api_url: str, auth: str | None) -> None:
        self._layout = layout
        self._stack = stack
        self.url = api_url
        self._auth = auth
        home = hashlib.sha256(os.fsencode(layout.home)).hexdigest()[:6]
        # A host may have several homes.
        self._worker = f"{socket.gethostname()}-{home}"

    def prepare(self) -> None:
        """Do nothing: `deployments.prefect.deploy` creates the work pool."""

    def start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the worker as a child that ends with this process."""
        command = [
            "-m",
            "prefect",
            "worker",
            "start",
            "--pool",
            POOL,
            "--type",
            "process",
            "--name",
            self._worker,
            *(part for queue in Settings().queues for part in ("--work-queue", queue)),
        ]
        return subprocess.Popen(
            [sys.executable, "-P", *command, "--limit", str(_LIMIT)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=self._environment(),
            preexec_fn=bound_to_parent(signal.SIGTERM),  # noqa: PLW1509 - only one thread starts servers
        )

    def _environment(self) -> dict[str, str]:
        servers = {"DATABASE_URL": self._stack.database_url, "REDIS_URL": self._stack.redis_url}
        base = Layout(self._layout.home, "prefect").base
        # Prefect encodes the environment as JSON: with a variable that is not UTF-8, no run would start.
        own = {name: value for name, value in os.environ.items() if _is_text(name + value)}
        # Flow runs read secrets from their files; they must not be copied to an environment.
        missing = {name: url for name, url in servers.items() if not own.get(name + SUFFIX)}
        return {
            **own,
            **client_environment(base, self.url, self._auth),
            **missing,
            "WSOPTV_HOME": str(self._layout.home),
        }

    def is_ready(self, _process: subprocess.Popen[bytes]) -> bool:
        """Return whether the server shows this worker as online."""
        time.sleep(ASK_SECONDS)
        wanted = json.dumps({"workers": {"status": {"any_": ["ONLINE"]}}})
        request = urllib.request.Request(  # noqa: S310 - http by settings
            f"{self.url}/work_pools/{POOL}/workers/filter",
            wanted.encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(authorized(request, self._auth), timeout=1) as response:  # noqa: S310 - http by settings
                return any(worker["name"] == self._worker for worker in json.load(response))
        except (OSError, ValueError):
            return False

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End the flow runs, then the worker.

        The flow runs release their claims and report their end. If the worker ended first, they could not,
        and the server would show them as running.
        """
        flow_runs = _flow_runs_of(process.pid)
        for flow_run in flow_runs:
            with suppress(psutil.Error):
                flow_run.terminate()
        psutil.wait_procs(flow_runs, timeout=_FLOW_RUN_SECONDS)
        process.terminate()

    def end_leftovers(self) -> None:
        """Do nothing: flow runs end with their worker."""


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _flow_runs_of(worker: int) -> list[psutil.Process]:
    """Return the processes of flow runs. Their own children end with them."""
    try:
        children = psutil.Process(worker).children(recursive=True)
        return [child for child in children if "prefect.engine" in child.cmdline()]
    except psutil.Error:
        return []

"""The Prefect worker of this host: it starts the flow runs that schedules, the UI and other flows ask for."""

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
_LIMIT = 2  # flow runs at once on this host: each brings its own reading processes


class PrefectWorker:
    """A worker of type `process`: each flow run is a process, with the servers' addresses in its environment."""

    name = "prefect-worker"

    def __init__(self, layout: Layout, stack: Stack, api_url: str, auth: str | None) -> None:
        self._layout = layout
        self._stack = stack
        self.url = api_url
        self._auth = auth
        home = hashlib.sha256(os.fsencode(layout.home)).hexdigest()[:6]
        self._worker = f"{socket.gethostname()}-{home}"  # a host may have several homes

    def prepare(self) -> None:
        """What it needs at the server is applied by `deployments.prefect.deploy`."""

    def start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start it as a child that ends when we die."""
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
            preexec_fn=bound_to_parent(signal.SIGTERM),  # noqa: PLW1509  # by the one thread that starts servers
        )

    def _environment(self) -> dict[str, str]:
        servers = {"DATABASE_URL": self._stack.database_url, "REDIS_URL": self._stack.redis_url}
        base = Layout(self._layout.home, "prefect").base
        # Prefect passes it on as JSON: a variable that is not text would end every run before it begins.
        own = {name: value for name, value in os.environ.items() if _is_text(name + value)}
        # Secrets in files are read from there again, and not copied into an environment.
        unsaid = {name: url for name, url in servers.items() if not own.get(name + SUFFIX)}
        return {
            **own,
            **client_environment(base, self.url, self._auth),
            **unsaid,
            "WSOPTV_HOME": str(self._layout.home),
        }

    def is_ready(self, _process: subprocess.Popen[bytes]) -> bool:
        """Return whether the server shows this worker as online."""
        time.sleep(ASK_SECONDS)
        wanted = json.dumps({"workers": {"status": {"any_": ["ONLINE"]}}})
        request = urllib.request.Request(  # noqa: S310  # http by settings
            f"{self.url}/work_pools/{POOL}/workers/filter",
            wanted.encode(),
            {"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(authorized(request, self._auth), timeout=1) as answer:  # noqa: S310  # http by settings
                return any(worker["name"] == self._worker for worker in json.load(answer))
        except (OSError, ValueError):
            return False

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End its flow runs, which give back what they claimed and tell the server so, and then itself: runs whose worker
        ends first end without a word, and the server would show them as running."""
        flow_runs = _flow_runs_of(process.pid)
        for flow_run in flow_runs:
            with suppress(psutil.Error):
                flow_run.terminate()
        psutil.wait_procs(flow_runs, timeout=_FLOW_RUN_SECONDS)
        process.terminate()

    def end_leftovers(self) -> None:
        """Flow runs end with their worker."""


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _flow_runs_of(worker: int) -> list[psutil.Process]:
    """The processes of flow runs: what they started ends with them."""
    try:
        children = psutil.Process(worker).children(recursive=True)
        return [child for child in children if "prefect.engine" in child.cmdline()]
    except psutil.Error:
        return []

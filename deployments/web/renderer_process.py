"""The renderer's process: one Node for all processes of the API, which a thread of their parent supervises.

The kernel kills Node when that thread ends, even if the parent is killed (SIGKILL).
"""

from __future__ import annotations

import http.client
import logging
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

from deployments.web.built_app import SERVER, STATIC, built_app
from deployments.web.node import OFF, Node, NodeMissingError, find_node
from deployments.web.shared_state import SharedRenderer, SharedState
from orchestration.settings import Settings
from serving.kernel.renderer import Phase

_log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"
LOG = "web.log"
_LAUNCH = Path(__file__).with_name("launch.py")
# The most pages that are rendered at the same time, by all processes of the API together.
MOST_PAGES = 64
# Megabytes for old objects of JavaScript; the process uses about 100 more.
_HEAP_MB = 256
_LARGEST_LOG = 10_000_000
# Node keeps no state: nothing is lost when it is killed.
_JOIN_SECONDS = 10.0
# The variables of our environment that Node gets. It must not get secrets.
_INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Timing:
    """The intervals and limits of the supervision, in seconds.

    `look`: between two checks whether the process runs; `probe`: between two probes; `patience`: until a
    probe fails; `start`: until the process must listen; `longest_pause`: between two starts at most;
    `settled`: the running time after which a start was successful.
    """

    look: float = 0.2
    probe: float = 5.0
    patience: float = 10.0
    start: float = 120.0
    longest_pause: float = 30.0
    settled: float = 60.0


@dataclass(slots=True)
class RendererProcess:
    """Keeps one Node running until `stop`, and updates the shared state."""

    app: Path
    environment: dict[str, str]
    log: Path
    node: str | None
    hang: float
    state: SharedState
    timing: Timing = Timing()
    _left: threading.Event = field(default_factory=threading.Event)
    _process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Find Node, start it, and start it again whenever it ends or hangs."""
        try:
            node = find_node(self.node)
        except NodeMissingError as error:
            _log.warning("the web app is off: %s", error)
            self.state.set(Phase.NO_NODE)
            return
        try:
            self._keep_running(node)
        finally:
            self.state.set(Phase.ENDED)

    def _keep_running(self, node: Node) -> None:
        failures = 0
        while not self._left.is_set():
            began = time.monotonic()
            try:
                self._run_once(node)
            except OSError as error:
                _log.warning("cannot start %s: %s", node.program, error)
            settled = time.monotonic() - began > self.timing.settled
            failures = 0 if settled else failures + 1
            # A float overflows at 2¹⁰²⁴, which an app that never starts would reach in a night.
            pause = min(self.timing.longest_pause, 0.25 * 2.0 ** min(failures, 20)) if failures else 0.0
            # A short pause is part of the restart: pages wait for it.
            if not self._left.is_set():
                self.state.set(Phase.STARTING if pause < 1 else Phase.ENDED)
            self._left.wait(pause)

    def stop(self) -> None:
        """End the process and its supervision."""
        self._left.set()
        if self._process is not None:
            self._process.kill()

    def _run_once(self, node: Node) -> None:
        """Run the process until it ends, hangs, or `stop` is called."""
        self.state.set(Phase.STARTING)
        port = _free_port()
        with self._opened_log() as log:
            process = self._process = self._start(node, port, log)
        try:
            if self._has_started(process, port):
                self.state.set(Phase.READY, port)
                self._watch(process, port)
        finally:
            process.kill()
            code = process.wait()
            if not self._left.is_set():
                _log.warning("the renderer (pid %d) ended with code %d; starting it again", process.pid, code)

    def _start(self, node: Node, port: int, log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", _LAUNCH, str(os.getpid()), self.app),
                *(node.program, f"--max-old-space-size={_HEAP_MB}", SERVER),
            ],
            cwd=self.app,
            env={**self.environment, "PORT": str(port), "HOSTNAME": LOOPBACK},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C reaches the parent only, which ends Node after the processes that need it.
            start_new_session=True,
        )

    def _opened_log(self) -> IO[bytes]:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        return self.log.open("ab")

    def _has_started(self, process: subprocess.Popen[bytes], port: int) -> bool:
        """Wait until the process itself listens on the port: another program may have taken it."""
        deadline = time.monotonic() + self.timing.start
        while process.poll() is None and not self._left.wait(self.timing.look / 2):
            if _listens(process.pid, port):
                return True
            if time.monotonic() > deadline:
                _log.warning("the renderer (pid %d) did not start in time", process.pid)
                return False
        return False

    def _watch(self, process: subprocess.Popen[bytes], port: int) -> None:
        """Return when the process ends, when it has not responded for `hang` seconds, or after `stop`."""
        responded = probed = time.monotonic()
        while process.poll() is None and not self._left.wait(self.timing.look):
            if time.monotonic() - probed < self.timing.probe:
                continue
            if _responds(port, self.timing.patience):
                responded = time.monotonic()
                self.state.set(Phase.READY, port)
            elif process.poll() is None:
                self.state.set(Phase.SILENT)
            probed = time.monotonic()
            if probed - responded > self.hang:
                _log.warning(
                    "the renderer (pid %d) has not responded for %.0f s; replacing it",
                    process.pid,
                    probed - responded,
                )
                return


@contextmanager
def rendering(
    settings: Settings, api_url: str, processes: int, timing: Timing = Timing()
) -> Iterator[SharedRenderer]:
    """Run the renderer during the block, and yield its description for processes of the API.

    The block does not wait for the renderer, which may be missing or not built.
    """
    app, key, state = built_app(), secrets.token_urlsafe(32), SharedState()
    files = None if app is None else app / STATIC
    shared = SharedRenderer(state, files, key, max(1, MOST_PAGES // processes))
    if settings.node == OFF:
        yield SharedRenderer(state, None, "", 1)
        return
    if app is None:
        state.set(Phase.NOT_BUILT)
        yield shared
        return
    state.set(Phase.STARTING)
    supervision = RendererProcess(
        app,
        _environment(api_url, key),
        settings.logs / LOG,
        settings.node,
        settings.hang_deadline,
        state,
        timing,
    )
    thread = threading.Thread(target=supervision.run, name="renderer", daemon=True)
    thread.start()
    try:
        yield shared
    finally:
        supervision.stop()
        thread.join(_JOIN_SECONDS)


def _environment(api_url: str, key: str) -> dict[str, str]:
    """Return the environment of Node, which contains only what it needs."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {
        **inherited,
        "NODE_ENV": "production",
        "NEXT_TELEMETRY_DISABLED": "1",
        "WSOPTV_API": api_url,
        "WSOPTV_RENDER_KEY": key,
    }


def _free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as listener:
        return int(listener.getsockname()[1])


def _listens(pid: int, port: int) -> bool:
    try:
        found = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(
        connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
        for connection in found
    )


def _responds(port: int, patience: float) -> bool:
    """Return whether a request gets any response; this one renders no page."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=patience)
    try:
        connection.request("HEAD", "/_next/static/probe")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True

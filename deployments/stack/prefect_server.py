"""The embedded Prefect server: on SQLite, on a loopback port that stays the same."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

from deployments.stack.errors import StackError
from deployments.stack.home_secrets import home_secret
from deployments.stack.layout import OF_PREFECT, Layout, replace
from deployments.stack.prefect_environment import server_environment
from deployments.stack.server import bound_to_parent

# Seconds between two checks of a starting server, which each check delays.
ASK_SECONDS = 0.1
_HOST = "127.0.0.1"
# The string is `user:password`, as in HTTP's Basic scheme.
_USER = "wsoptv:"
# Connections that may wait while the server starts; uvicorn's default.
_BACKLOG = 2048
# The default of Prefect's command line.
_USUAL_PORT = 4200


class PrefectServer:
    """A Prefect server that keeps its state in the folder of its group in the home."""

    name = "prefect-server"

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._port = 0
        self._listener: socket.socket | None = None

    @property
    def url(self) -> str:
        return _url(self._port)

    def prepare(self) -> None:
        """Listen on the port of the last start, at first on Prefect's default; on a free port if it is taken.

        The listener stays open in this process while a server is restarted. Otherwise another program could
        take the port, and receive the string of clients that retry.
        """
        self._listener = _listener(_recorded_port(self._layout) or _USUAL_PORT) or _listener(0)
        if self._listener is None:
            raise StackError(f"the Prefect server cannot listen on any port of {_HOST}")
        self._port = self._listener.getsockname()[1]
        replace(_port_file(self._layout), str(self._port).encode())
        self._auth()

    def start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server as a child that is killed when this process ends.

        A shutdown would wait for clients, and keep the port.
        """
        assert self._listener is not None  # noqa: S101 - `prepare` has opened it
        descriptor = self._listener.fileno()
        command = ["-m", "deployments.stack.prefect_program", str(descriptor)]
        # In the environment, because other users could read a command line.
        auth = {"PREFECT_SERVER_API_AUTH_STRING": self._auth()}
        return subprocess.Popen(
            [sys.executable, "-P", *command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            pass_fds=(descriptor,),
            env=server_environment(self._layout.base, _HOST, self._port) | auth,
            preexec_fn=bound_to_parent(signal.SIGKILL),  # noqa: PLW1509 - only one thread starts servers
        )

    def _auth(self) -> str:
        return home_secret(self._layout.home, OF_PREFECT, _USER)

    def is_ready(self, _process: subprocess.Popen[bytes]) -> bool:
        """Return whether it responds."""
        time.sleep(ASK_SECONDS)
        return is_healthy(self.url)

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Request a shutdown."""
        process.send_signal(signal.SIGTERM)

    def end_leftovers(self) -> None:
        """Do nothing: the server has no children."""


def recorded_url(layout: Layout) -> str | None:
    """Return the last address of the API of the home's server; None if it never started."""
    port = _recorded_port(layout)
    return _url(port) if port else None


def _url(port: int) -> str:
    return f"http://{_HOST}:{port}/api"


def _port_file(layout: Layout) -> Path:
    return layout.base / "port"


def _recorded_port(layout: Layout) -> int:
    try:
        return int(_port_file(layout).read_text())
    except (OSError, ValueError):
        return 0


def is_healthy(api_url: str, seconds: float = 1.0) -> bool:
    """Return whether Prefect's API at this address responds on `/health` that it is healthy."""
    try:
        with urllib.request.urlopen(f"{api_url}/health", timeout=seconds) as response:  # noqa: S310 - http by settings
            return bool(json.loads(response.read(10_000)))
    except (OSError, urllib.error.URLError, ValueError):
        return False


def _listener(port: int) -> socket.socket | None:
    """Return a socket that listens on the port (0: any free one), or None if the port is taken."""
    try:
        return socket.create_server((_HOST, port), backlog=_BACKLOG)
    except OSError:
        return None

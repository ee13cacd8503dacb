"""The embedded Redis: in memory only, reached by a socket."""

from __future__ import annotations

import signal
import socket
import subprocess
from pathlib import Path
from typing import IO
from urllib.parse import quote

from deployments.stack.programs import REDIS
from deployments.stack.server_folders import ServerFolders

_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "save": "",
    "appendonly": "no",
    "maxmemory": "256mb",
    # Leases and revoked tokens must not be evicted before their time to live ends. If no cache entry can be
    # written instead, requests are only slower.
    "maxmemory-policy": "noeviction",
    "loglevel": "warning",
}


class RedisServer:
    """A Redis without persistence: it holds caches of tables, and keys with a time to live."""

    name = "redis"

    def __init__(self, folders: ServerFolders) -> None:
        self._folders = folders
        self._socket: Path = folders.sockets / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self._socket))}"

    def prepare(self) -> None:
        """Find the program."""
        self._program = REDIS.reachable(self._folders.account) / REDIS.server

    def start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server as a child that is killed when this process ends.

        In a normal shutdown it might remove the socket of its successor.
        """
        settings = {"unixsocket": str(self._socket), "dir": str(self._folders.sockets), **_SETTINGS}
        arguments = [word for name, value in settings.items() for word in (f"--{name}", value)]
        return subprocess.Popen(
            [str(self._program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **self._folders.account.child(on_parent_exit=signal.SIGKILL),
        )

    def is_ready(self, _process: subprocess.Popen[bytes]) -> bool:
        """Return whether it responds."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            try:
                probe.connect(str(self._socket))
                probe.sendall(b"PING\r\n")
                return probe.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Request a shutdown."""
        process.send_signal(signal.SIGTERM)

    def end_leftovers(self) -> None:
        """Do nothing: the server has no children."""

"""The embedded Redis: in memory only, behind a socket."""

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
    # What has a time to live (a lease, a revoked token) may not be dropped earlier to make room for a cache: a
    # cache that cannot be written is only slower.
    "maxmemory-policy": "noeviction",
    "loglevel": "warning",
}


class RedisServer:
    """A Redis that keeps nothing: all it holds is a cache of tables or heals by its time to live."""

    name = "redis"

    def __init__(self, places: ServerFolders) -> None:
        self._places = places
        self._socket: Path = places.sockets / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self._socket))}"

    def prepare(self) -> None:
        """Find the program."""
        self._program = REDIS.reachable(self._places.account) / REDIS.server

    def start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server as a child that dies with us, at once: one that ended in order would remove the socket of
        the server that follows it."""
        settings = {"unixsocket": str(self._socket), "dir": str(self._places.sockets), **_SETTINGS}
        arguments = [word for name, value in settings.items() for word in (f"--{name}", value)]
        return subprocess.Popen(
            [str(self._program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **self._places.account.child(on_parent_exit=signal.SIGKILL),
        )

    def is_ready(self, _process: subprocess.Popen[bytes]) -> bool:
        """Whether it answers."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            try:
                probe.connect(str(self._socket))
                probe.sendall(b"PING\r\n")
                return probe.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """Ask it to end."""
        process.send_signal(signal.SIGTERM)

    def end_leftovers(self) -> None:
        """It has no children."""

"""Players that seek: many connections, each of which requests one random range after another."""

from __future__ import annotations

import random
import re
import socket
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from selectors import EVENT_READ, DefaultSelector

import psutil

# Bytes of one request.
RANGE = 1 << 20

# Bytes. The head of a response is shorter.
_HEAD = 4096
# Seconds without a byte after which the server counts as stalled.
_STALLED = 30.0
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: ([0-9]+)\r\n")


@dataclass(frozen=True)
class Target:
    """A video of `size` bytes on a server; each request sends `headers`."""

    port: int
    path: str
    size: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Load:
    """Bytes per second; processor seconds of the server and of the clients per 10⁹ bytes."""

    rate: float
    cpu_per_gb: float
    client_cpu_per_gb: float


def play(target: Target, server: psutil.Process, clients: int = 16, seconds: float = 5.0) -> Load:
    """Let `clients` seek for some seconds; return the load of all processes of the server."""
    with DefaultSelector() as selector, ExitStack() as closing:
        players = [_Player(target, closing) for _ in range(clients)]
        for player in players:
            selector.register(player.connection, EVENT_READ, player)
        spent, own, began = _spent(server), time.process_time(), time.monotonic()
        while (took := time.monotonic() - began) < seconds:
            ready = selector.select(_STALLED)
            if not ready:
                raise RuntimeError(f"the server at port {target.port} sent nothing for {_STALLED:g} seconds")
            for key, _ in ready:
                key.data.receive()
        own, spent = time.process_time() - own, _spent(server) - spent
    received = sum(player.received for player in players) / 1e9
    return Load(received * 1e9 / took, spent / received, own / received)


def _spent(server: psutil.Process) -> float:
    times = [process.cpu_times() for process in (server, *server.children(recursive=True))]
    return sum(time.user + time.system for time in times)


class _Player:
    """One connection. All players share a thread: a hundred threads would wait for each other."""

    _buffer = memoryview(bytearray(RANGE))

    def __init__(self, target: Target, closing: ExitStack) -> None:
        lines = "".join(f"{name}: {value}\r\n" for name, value in target.headers.items())
        self._begin = f"GET {target.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}"
        self._size = target.size
        self.received = self._left = 0
        self.connection = closing.enter_context(
            socket.create_connection(("127.0.0.1", target.port), timeout=_STALLED)
        )
        self._ask()

    def receive(self) -> None:
        """Receive what has arrived, and request the next range when this one is complete."""
        if self._left == 0:
            self._left, count = self._take_head()
        else:
            count = self.connection.recv_into(self._buffer, self._left)
            assert count, "the server closed the connection"
        self._left -= count
        self.received += count
        if self._left == 0:
            self._ask()

    def _ask(self) -> None:
        first = random.randrange(self._size - RANGE)  # noqa: S311 - no secret
        self.connection.sendall(f"{self._begin}Range: bytes={first}-{first + RANGE - 1}\r\n\r\n".encode())

    def _take_head(self) -> tuple[int, int]:
        """Return the length of the body, and how many bytes of it arrived with the head."""
        head, end, body = self.connection.recv(_HEAD).partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n")
        assert head.startswith(b"HTTP/1.1 206"), head
        assert end, head
        assert length, head
        return int(length[1]), len(body)

"""Players that seek: many connections, each asking for one random range after the other."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import psutil

RANGE = 1 << 20  # bytes asked for at once


@dataclass(frozen=True)
class Target:
    """A film of `size` bytes behind a server; `headers` come with each request."""

    port: int
    path: str
    size: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Load:
    """Bytes a second, and the server's processor seconds for 10⁹ bytes."""

    rate: float
    cpu_per_gb: float


def play(target: Target, server: psutil.Process, clients: int = 16, seconds: float = 5.0) -> Load:
    """Let so many clients seek for so long; all processes of the server count."""
    sent: list[int] = []
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=_seek, args=(target, until, sent)) for _ in range(clients)]
    spent, began = _spent(server), time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sent) == clients, "a client failed"
    return Load(sum(sent) / (time.monotonic() - began), (_spent(server) - spent) / (sum(sent) / 1e9))


def _spent(server: psutil.Process) -> float:
    times = [process.cpu_times() for process in (server, *server.children(recursive=True))]
    return sum(time.user + time.system for time in times)


def _seek(target: Target, until: float, sent: list[int]) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in target.headers.items())
    begin = f"GET {target.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}"
    buffer, count = memoryview(bytearray(RANGE)), 0
    with socket.create_connection(("127.0.0.1", target.port), timeout=30) as connection:
        while time.monotonic() < until:
            first = random.randrange(target.size - RANGE)  # noqa: S311 - no secret
            asked = f"{begin}Range: bytes={first}-{first + RANGE - 1}\r\n\r\n"
            connection.sendall(asked.encode())
            _receive(connection, buffer)
            count += RANGE
    sent.append(count)


def _receive(connection: socket.socket, buffer: memoryview) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        received = connection.recv(4096)
        assert received, "the server closed the connection"
        head += received
    head, _, body = head.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 206"), head
    left = RANGE - len(body)
    while left:
        read = connection.recv_into(buffer, left)
        assert read, "the server closed the connection"
        left -= read

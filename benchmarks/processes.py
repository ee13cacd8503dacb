"""Processes of a benchmark. Each ends with the block that uses it, even if that is interrupted."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Timer

_STOP_SECONDS = 10.0
READY_SECONDS = 60.0


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str] | None = None, *, output: bool = False
) -> Iterator[subprocess.Popen[str]]:
    """Run a command with additional variables, its output optionally in a pipe; stop it afterwards.

    It gets SIGTERM, and SIGKILL if it still runs ten seconds later.
    """
    stdout = subprocess.PIPE if output else None
    process = subprocess.Popen(command, env={**os.environ, **(environment or {})}, stdout=stdout, text=True)
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[str]) -> None:
    """Stop a process by SIGTERM, then by SIGKILL, also if an interrupt ends the wait."""
    try:
        process.terminate()
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def ready_line(process: subprocess.Popen[str], seconds: float = READY_SECONDS) -> str:
    """Return the line of its output that begins with READY.

    Raises `RuntimeError` when the process ends without one, and kills it when it takes longer than `seconds`.
    """
    assert process.stdout is not None
    timer = Timer(seconds, process.kill)
    timer.daemon = True
    timer.start()
    try:
        for line in process.stdout:
            if line.startswith("READY"):
                return line
    finally:
        timer.cancel()
    code = process.wait()
    raise RuntimeError(
        f"{_named(process)} did not print READY within {seconds:g} seconds: it ended with exit code {code}"
    )


def unused_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def wait_for_port(process: subprocess.Popen[str], port: int, seconds: float = 20.0) -> None:
    """Wait until the process listens on a port. Raises `RuntimeError` when it ends or takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{_named(process)} ended with exit code {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{_named(process)} did not listen on port {port} within {seconds:g} seconds")


def _named(process: subprocess.Popen[str]) -> str:
    return f"`{' '.join(map(str, process.args))}`" if isinstance(process.args, (list, tuple)) else "a process"

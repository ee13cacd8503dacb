"""The API server in the foreground."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from contextlib import closing, suppress

import click
import uvicorn

from catalog_models.errors import ExpectedError
from orchestration.settings import Settings
from serving.app import create_app

HOST = "127.0.0.1"


class PortTakenError(ExpectedError):
    """Another program listens where we should."""

    code = "port_taken"


class _Server(uvicorn.Server):
    """Says READY once it answers, not before."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def run_api(settings: Settings, port: int, on_ready: Callable[[str], None] = lambda _url: None) -> None:
    """Serve until a signal ends it; prints `READY <url>` when it answers. Raises `PortTakenError`."""
    listener = _listen(port)
    url = f"http://{HOST}:{listener.getsockname()[1]}"

    def ready() -> None:
        on_ready(url)
        click.echo(f"READY {url}")

    config = uvicorn.Config(
        create_app(settings),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
        server_header=False,
    )
    with (
        closing(listener),
        suppress(KeyboardInterrupt),
    ):  # the signal that ended it, handed on after the shutdown
        _Server(config, ready).run(sockets=[listener])


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port), backlog=2048)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise PortTakenError(
            f"port {port} cannot be used ({os.strerror(error.errno or 0)}): choose another with --port"
        ) from error

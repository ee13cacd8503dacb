"""The API server in the foreground."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address

import click
import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors.multiprocess import Multiprocess

from catalog_models.errors import ExpectedError
from deployments.memory import keep_freed_memory
from deployments.protocol import SPOKEN
from deployments.runtime import start_logging
from deployments.secret import SecretNeededError
from deployments.signals import end_with_parent
from orchestration.settings import Settings
from serving.app import create_app

LOOPBACK = "127.0.0.1"
_START_DEADLINE = 60.0  # seconds for a process to be ready in


class PortTakenError(ExpectedError):
    """Another program listens where we should."""

    code = "port_taken"


class AddressUnknownError(ExpectedError):
    """What is to be listened on is no address of this machine."""

    code = "address_unknown"


class _Server(uvicorn.Server):
    """Says READY once it answers, not before."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


class _Processes(Multiprocess):
    """Several processes that share the listening socket; one that dies is replaced. Says READY once all answer."""

    def __init__(
        self, config: uvicorn.Config, sockets: list[socket.socket], on_ready: Callable[[], None]
    ) -> None:
        super().__init__(config, sockets)
        self._on_ready = on_ready

    def init_processes(self) -> None:
        super().init_processes()
        if all(process.wait_until_ready(_START_DEADLINE) for process in self.processes):
            self._on_ready()


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen (port 0: a free one), and in how many processes."""

    port: int
    host: str = LOOPBACK
    processes: int = 1


def run_api(settings: Settings, place: Place, on_ready: Callable[[str], None] = lambda _url: None) -> None:
    """Serve until a signal ends it; prints `READY <url>` when it answers.

    Raises `PortTakenError`.
    """
    listener = _listen(place)
    url = f"http://{_named(place.host)}:{listener.getsockname()[1]}"

    def ready() -> None:
        on_ready(url)
        click.echo(f"READY {url}")

    config = uvicorn.Config(
        partial(_app, settings, place.processes > 1),
        factory=True,
        workers=place.processes,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
        **SPOKEN,
    )
    with (
        closing(listener),
        suppress(KeyboardInterrupt),
    ):  # the signal that ended it, handed on after the shutdown
        if place.processes == 1:
            _Server(config, ready).run(sockets=[listener])
        else:
            _Processes(config, [listener], ready).run()


def _app(settings: Settings, of_several: bool) -> FastAPI:
    """The application, made in the process that serves it."""
    if of_several:
        start_logging(settings)
        end_with_parent()
    keep_freed_memory()
    return create_app(settings)


def refuse_made_up_secret(configured: Settings, host: str) -> None:
    """Whoever reaches this from elsewhere meets a secret that somebody chose and can change.

    Raises `SecretNeededError`, and `AddressUnknownError` for what is no address.
    """
    try:
        addresses = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressUnknownError(f"{host!r} is no address: {error}") from error
    local = all(ip_address(address[4][0]).is_loopback for address in addresses)
    if configured.jwt_secret is None and not local:
        raise SecretNeededError(
            f"{host} can be reached from other machines: set JWT_SECRET_KEY (`openssl rand -hex 32` makes one), or "
            "leave --host out"
        )


def _named(host: str) -> str:
    """An address for people: every address of this machine includes the loopback one."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared with, not listened on
        return LOOPBACK
    return f"[{host}]" if ":" in host else host


def _listen(place: Place) -> socket.socket:
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        return socket.create_server((place.host, place.port), family=family, backlog=2048)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
            raise
        raise PortTakenError(
            f"{place.host} port {place.port} cannot be used ({os.strerror(error.errno or 0)}): choose another with --port"
        ) from error

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

from catalog_models.errors import ExpectedError
from deployments.api.pulse import Pulse
from deployments.api.supervisor import Deadlines, Replacements, Supervisor
from deployments.token_secret import SecretRequiredError
from orchestration.settings import Settings

LOOPBACK = "127.0.0.1"


class PortTakenError(ExpectedError):
    """Another program listens where we should."""

    code = "port_taken"


class AddressUnknownError(ExpectedError):
    """What is to be listened on is no address of this machine."""

    code = "address_unknown"


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """Where to listen (port 0: a free one), and in how many processes."""

    port: int
    host: str = LOOPBACK
    processes: int = 1


def run_api(
    settings: Settings, options: ServeOptions, on_ready: Callable[[str], None] = lambda _url: None
) -> None:
    """Serve until a signal ends it; print `READY <url>` when all processes serve.

    Raises `PortTakenError` and `StartFailedError`.
    """
    listener = _listen(options)
    url = f"http://{_named(options.host)}:{listener.getsockname()[1]}"

    def ready() -> None:
        on_ready(url)
        click.echo(f"READY {url}")

    deadlines = Deadlines(hang=settings.hang_deadline)
    with (
        closing(listener),
        # The supervisor raises the signal that ended it again after the shutdown.
        suppress(KeyboardInterrupt),
    ):
        Supervisor(partial(_serve, settings), listener, options.processes, ready, deadlines).run()


def _serve(settings: Settings, listener: socket.socket, pulse: Pulse, replacements: Replacements) -> None:
    # FastAPI and the application take a second to import; the supervisor does not need them.
    from deployments.api.server import serve

    serve(settings, listener, pulse, replacements)


def require_configured_secret(configured: Settings, host: str) -> None:
    """Whoever reaches this from elsewhere meets a secret that somebody chose and can change.

    Raises `SecretRequiredError`, and `AddressUnknownError` for what is no address.
    """
    try:
        addresses = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressUnknownError(f"{host!r} is no address: {error}") from error
    local = all(ip_address(address[4][0]).is_loopback for address in addresses)
    if configured.jwt_secret is None and not local:
        raise SecretRequiredError(
            f"{host} can be reached from other machines: set JWT_SECRET_KEY (`openssl rand -hex 32` makes one), or "
            "leave --host out"
        )


def _named(host: str) -> str:
    """An address for people: every address of this machine includes the loopback one."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared with, not listened on
        return LOOPBACK
    return f"[{host}]" if ":" in host else host


def _listen(options: ServeOptions) -> socket.socket:
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    try:
        return socket.create_server((options.host, options.port), family=family, backlog=2048)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
            raise
        raise PortTakenError(
            f"{options.host} port {options.port} cannot be used ({os.strerror(error.errno or 0)}): choose another with --port"
        ) from error

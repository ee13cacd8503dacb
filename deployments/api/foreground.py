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
from deployments.web.renderer_process import rendering
from deployments.web.shared_state import SharedRenderer
from orchestration.settings import Settings

LOOPBACK = "127.0.0.1"


class PortTakenError(ExpectedError):
    """The server cannot listen on this address and port."""

    code = "port_taken"


class AddressUnknownError(ExpectedError):
    """The host to listen on is not an address."""

    code = "address_unknown"


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """Address and port to listen on (port 0: any free one), and the number of processes."""

    port: int
    host: str = LOOPBACK
    processes: int = 1


def run_api(
    settings: Settings, options: ServeOptions, on_ready: Callable[[str], None] = lambda _url: None
) -> None:
    """Serve until SIGINT or SIGTERM; print `READY <url>` and call `on_ready` when all processes serve.

    The renderer of the web app starts beside them; `READY` does not wait for it.

    Raises `PortTakenError` and `StartFailedError`.
    """
    listener = _listen(options)
    url = f"http://{_display_host(options.host)}:{listener.getsockname()[1]}"

    def ready() -> None:
        on_ready(url)
        click.echo(f"READY {url}")

    deadlines = Deadlines(hang=settings.hang_deadline)
    with (
        closing(listener),
        rendering(settings, url, options.processes) as renderer,
        # The supervisor raises the signal that ended it again after the shutdown.
        suppress(KeyboardInterrupt),
    ):
        Supervisor(partial(_serve, settings, renderer), listener, options.processes, ready, deadlines).run()


def _serve(
    settings: Settings,
    renderer: SharedRenderer,
    listener: socket.socket,
    pulse: Pulse,
    replacements: Replacements,
) -> None:
    # FastAPI and the application take a second to import; the supervisor does not need them.
    from deployments.api.server import serve

    serve(settings, renderer, listener, pulse, replacements)


def require_configured_secret(configured: Settings, host: str) -> None:
    """Raise `SecretRequiredError` if other machines can reach `host` and no secret is configured.

    Raises `AddressUnknownError` if `host` is not an address.
    """
    try:
        addresses = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressUnknownError(f"{host!r} is not an address: {error}") from error
    local = all(ip_address(address[4][0]).is_loopback for address in addresses)
    if configured.jwt_secret is None and not local:
        raise SecretRequiredError(
            f"other machines can reach {host}: set JWT_SECRET_KEY (`openssl rand -hex 32` creates one), or "
            "omit --host"
        )


def _display_host(host: str) -> str:
    """Return the host for a URL: 127.0.0.1 for a wildcard address, brackets around IPv6."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - only compared
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
            f"{options.host} port {options.port} cannot be used ({os.strerror(error.errno or 0)}): choose another port with --port"
        ) from error

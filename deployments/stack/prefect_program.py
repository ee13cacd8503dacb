"""The program of the embedded Prefect server: Prefect's application behind the host guard.

`PrefectServer` runs it as `python -m deployments.stack.prefect_program DESCRIPTOR`, with Prefect's settings
in the environment.
"""

from __future__ import annotations

import gc
import os
import socket
import sys

from deployments.stack.host_guard import HostGuard
from deployments.stack.prefect_sqlite import lock_before_reading
from deployments.stack.prefect_tables import make_tables


def main() -> None:
    """Serve until a signal, as `prefect server start` does."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    # The libraries are never freed, and garbage collection would take a sixth of the start.
    gc.disable()
    import uvicorn
    from prefect.server.api.server import create_app
    from prefect.settings import get_current_settings

    lock_before_reading()
    settings = get_current_settings()
    make_tables(settings.home)
    server = settings.server
    if server.api.auth_string is None or not server.api.auth_string.get_secret_value():
        sys.exit(
            "PREFECT_SERVER_API_AUTH_STRING is not set: this server does not start without authentication"
        )
    # Prefect's services get the application from Prefect's cache, and call it without the guard.
    config = uvicorn.Config(
        HostGuard(create_app(final=True), os.environ.get("PREFECT_UI_URL")),
        timeout_keep_alive=server.api.keepalive_timeout,
        ws_ping_interval=server.api.websocket_ping_interval,
        ws_ping_timeout=server.api.websocket_ping_timeout,
        log_level=server.logging_level.lower(),
    )
    gc.freeze()
    gc.enable()
    running = uvicorn.Server(config)
    running.run(sockets=[listener])
    if not running.started:
        sys.exit(1)


if __name__ == "__main__":
    main()

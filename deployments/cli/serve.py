"""`wsoptv serve`."""

from __future__ import annotations

import click

from deployments.cli.errors import reported_errors
from deployments.cli.server_options import host_option, port_option, processes_option


@click.command(short_help="Serve only the API.")
@port_option
@host_option
@processes_option
def serve(port: int, host: str, processes: int) -> None:
    """Serve only the API and the web page, in the foreground."""
    with reported_errors():
        from deployments.api.foreground import ServeOptions, require_configured_secret, run_api
        from deployments.runtime import open_runtime
        from orchestration.settings import Settings

        require_configured_secret(Settings(), host)
        with open_runtime("serve", serving=True) as runtime:
            run_api(runtime.settings, ServeOptions(port, host, processes))

"""`wsoptv up`."""

from __future__ import annotations

import click

from deployments.cli.errors import reported_errors
from deployments.cli.server_options import host_option, port_option, processes_option


@click.command(short_help="Start all servers, in the foreground.")
@port_option
@host_option
@processes_option
@click.option("--no-prefect", is_flag=True, help="Serve only: no Prefect server, no worker, no schedules.")
def up(port: int, host: str, processes: int, no_prefect: bool) -> None:
    """Start the API, Prefect and a worker, in the foreground.

    The API prints READY and its address; it does not wait for Prefect, which prints PREFECT and the address
    of its UI. Ctrl-C or `wsoptv down` stops them.
    """
    with reported_errors():
        from contextlib import nullcontext

        from deployments.api.foreground import ServeOptions, require_configured_secret, run_api
        from deployments.instance_lock import hold_instance_lock
        from deployments.prefect.background import prefect_in_background
        from deployments.runtime import open_runtime
        from orchestration.settings import Settings

        configured = Settings()
        require_configured_secret(configured, host)
        background = (
            nullcontext()
            if no_prefect
            else prefect_in_background(configured, lambda ui: click.echo(f"PREFECT {ui}"))
        )
        with hold_instance_lock(configured) as note, open_runtime("up", serving=True) as runtime, background:
            run_api(runtime.settings, ServeOptions(port, host, processes), on_ready=note)

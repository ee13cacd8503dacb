"""`wsoptv up`, `serve` and `down`: what stays in the foreground, and what ends it."""

from __future__ import annotations

import click

from deployments.cli.errors import FAILED, explained, fail
from deployments.cli.home import tidied_home
from deployments.cli.output import as_json_option

port_option = click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port; 0 takes a free one."
)
host_option = click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; one that others reach needs JWT_SECRET_KEY.",
)
processes_option = click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that serve; one that ends or hangs is replaced.",
)


@click.command(short_help="Start everything, in the foreground.")
@port_option
@host_option
@processes_option
@click.option("--no-prefect", is_flag=True, help="Serve only: no Prefect server, no worker, no schedules.")
def up(port: int, host: str, processes: int, no_prefect: bool) -> None:
    """Start everything and stay in the foreground: the API (prints READY and its address, which waits for nothing
    else), and beside it Prefect with a worker (prints PREFECT and the address of its UI). Ctrl-C or `wsoptv down` ends it.
    """
    with explained():
        from contextlib import nullcontext

        from deployments.api import Place, refuse_made_up_secret, run_api
        from deployments.background import prefect_beside
        from deployments.runtime import enter
        from deployments.standing import alone
        from orchestration.settings import Settings

        configured = Settings()
        refuse_made_up_secret(configured, host)
        beside = (
            nullcontext()
            if no_prefect
            else prefect_beside(configured, lambda ui: click.echo(f"PREFECT {ui}"))
        )
        with alone(configured) as note, enter("up", serving=True) as runtime, beside:
            run_api(runtime.settings, Place(port, host, processes), on_ready=note)


@click.command(short_help="Serve the API alone.")
@port_option
@host_option
@processes_option
def serve(port: int, host: str, processes: int) -> None:
    """Serve the API and the page alone, in the foreground."""
    with explained():
        from deployments.api import Place, refuse_made_up_secret, run_api
        from deployments.runtime import enter
        from orchestration.settings import Settings

        refuse_made_up_secret(Settings(), host)
        with enter("serve", serving=True) as runtime:
            run_api(runtime.settings, Place(port, host, processes))


@click.command(short_help="End what serves.")
@as_json_option
def down(as_json: bool) -> None:
    """End `up`, `demo` and `serve` of this home, and the databases once nobody uses them."""
    with explained(as_json):
        import dataclasses
        import json

        from deployments.stack import end_servers

        ended = end_servers(tidied_home())
        if as_json:
            click.echo(json.dumps(dataclasses.asdict(ended), default=str))
            return
        click.echo(
            ", ".join(f"ended {user.purpose} (pid {user.pid})" for user in ended.ended) or "nothing was up"
        )
        for user in ended.remaining:
            click.echo(f"still in use by {user.purpose} (pid {user.pid}): the databases stop when it is done")
        if any(user.purpose in ("up", "demo", "serve") for user in ended.remaining):
            fail(FAILED, "still_up", "not everything ended in time", as_json)

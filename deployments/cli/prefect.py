"""`wsoptv deploy` and `wsoptv worker`: Prefect's side, for hosts beside the one that serves."""

from __future__ import annotations

import threading

import click

from deployments.cli.errors import explained
from deployments.cli.home import tidied_home
from deployments.cli.output import as_json_option, emit


@click.command(short_help="Tell Prefect of the flows.")
@as_json_option
def deploy(as_json: bool) -> None:
    """Apply `prefect.yaml` to the Prefect server in use: work pool, deployments with schedules, automation.

    `wsoptv up` does it by itself. What has not changed since is left as somebody set it in the UI.
    """
    with explained(as_json):
        from deployments.deploying import deploy as apply
        from deployments.observed import prefect_in_use

        settings = tidied_home()
        with prefect_in_use(settings, "deploy") as ui:
            deployed = apply(settings, f"{ui}/api")
        emit(deployed, as_json, lambda found: click.echo("\n".join(found.deployments)))


@click.command(short_help="Wait for flow runs, in the foreground.")
def worker() -> None:
    """Run a Prefect worker of this host, beside those of others; Ctrl-C or SIGTERM ends it.

    `wsoptv up` brings one of its own. On another host set DATABASE_URL, REDIS_URL and PREFECT_API_URL, and have the
    archive mounted at the same path.
    """
    with explained():
        from deployments.runtime import enter
        from deployments.stack import use_prefect, use_worker

        with (
            enter("worker") as runtime,
            use_prefect(runtime.settings, "worker"),
            use_worker(runtime.settings, "worker"),
        ):
            click.echo("READY a worker waits for flow runs")
            threading.Event().wait()

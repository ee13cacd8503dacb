"""`wsoptv deploy`."""

from __future__ import annotations

import click

from deployments.cli.errors import reported_errors
from deployments.cli.home_settings import load_settings
from deployments.cli.output import as_json_option, emit


@click.command(short_help="Register the flows with Prefect.")
@as_json_option
def deploy(as_json: bool) -> None:
    """Apply `prefect.yaml` to the Prefect server in use: work pool, deployments with schedules, automation.

    `wsoptv up` does the same. If the file has not changed, settings made in Prefect's UI stay.
    """
    with reported_errors(as_json):
        from deployments.prefect.command_runs import prefect_in_use
        from deployments.prefect.deploy import deploy as apply

        settings = load_settings()
        with prefect_in_use(settings, "deploy") as ui:
            deployed = apply(settings, f"{ui}/api")
        emit(deployed, as_json, lambda found: click.echo("\n".join(found.deployments)))

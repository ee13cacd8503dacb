"""`wsoptv env`."""

from __future__ import annotations

import shlex

import click

from deployments.cli.errors import REFUSED, fail, reported_errors
from deployments.cli.home_settings import load_settings
from deployments.cli.output import as_json_option


@click.command(short_help="Print the variables that Prefect's own commands need.")
@as_json_option
def env(as_json: bool) -> None:
    """Print the variables with which plain `prefect` commands reach the Prefect server in use, for a shell:

    eval "$(wsoptv env)"

    The output contains a secret, with which anyone can run programs as the user of the worker.
    """
    with reported_errors(as_json):
        from deployments.stack import describe_stack, is_own_prefect, prefect_auth

        settings = load_settings()
        embedded = is_own_prefect(settings)
        url = describe_stack(settings).prefect_url if embedded else settings.prefect_api_url
        if url is None:
            message = f"the Prefect server of {settings.home} is not running: start `wsoptv up`, or set PREFECT_API_URL"
            fail(REFUSED, "not_up", message, as_json)
        known = {
            "PREFECT_API_URL": url,
            "PREFECT_API_AUTH_STRING": prefect_auth(settings),
            "DO_NOT_TRACK": "1",
        }
        variables = {name: value for name, value in known.items() if value is not None}
        if as_json:
            import json

            click.echo(json.dumps(variables))
        else:
            click.echo(
                "export " + " ".join(f"{name}={shlex.quote(text)}" for name, text in variables.items())
            )

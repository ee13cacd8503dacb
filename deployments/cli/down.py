"""`wsoptv down`."""

from __future__ import annotations

import click

from deployments.cli.errors import FAILED, fail, reported_errors
from deployments.cli.home_settings import load_settings
from deployments.cli.output import as_json_option


@click.command(short_help="Stop the servers.")
@as_json_option
def down(as_json: bool) -> None:
    """Stop `up`, `demo` and `serve` of this home; the databases stop after their last user."""
    with reported_errors(as_json):
        import dataclasses
        import json

        from deployments.stack import shut_down

        ended = shut_down(load_settings())
        if as_json:
            click.echo(json.dumps(dataclasses.asdict(ended), default=str))
            return
        click.echo(
            ", ".join(f"ended {user.purpose} (pid {user.pid})" for user in ended.ended)
            or "no server was running"
        )
        for user in ended.remaining:
            click.echo(f"still in use by {user.purpose} (pid {user.pid}): the databases stop when it ends")
        if any(user.purpose in ("up", "demo", "serve") for user in ended.remaining):
            fail(FAILED, "still_up", "some servers did not stop in time", as_json)

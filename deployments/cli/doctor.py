"""`wsoptv doctor`."""

from __future__ import annotations

import sys

import click

from deployments.cli.errors import FAILED, reported_errors
from deployments.cli.output import as_json_option


@click.command(short_help="Find problems and their remedies.")
@as_json_option
def doctor(as_json: bool) -> None:
    """Find missing or misconfigured parts, and show how to correct them."""
    with reported_errors(as_json):
        import dataclasses
        import json

        from deployments.doctor.checks import run_checks

        results = run_checks()
        if as_json:
            click.echo(
                json.dumps({"checks": [dataclasses.asdict(result) for result in results]}, ensure_ascii=False)
            )
        else:
            for result in results:
                click.echo(f"{'ok  ' if result.ok else 'BAD '} {result.name}: {result.says}")
                if result.mend:
                    click.echo(f"     → {result.mend}")
        if not all(result.ok for result in results):
            sys.exit(FAILED)

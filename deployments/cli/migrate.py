"""`wsoptv migrate`."""

from __future__ import annotations

import click

from deployments.cli.errors import reported_errors
from deployments.cli.output import as_json_option, one_line


@click.command(short_help="Migrate the database.")
@as_json_option
def migrate(as_json: bool) -> None:
    """Migrate the database at DATABASE_URL to this version. The embedded database migrates automatically."""
    with reported_errors(as_json):
        from catalog_models.migrate import upgrade
        from deployments.runtime import open_runtime

        with open_runtime("migrate", migrated=False) as runtime:
            before, after = upgrade(runtime.engine)
        if as_json:
            click.echo(one_line({"before": before, "after": after}))
            return
        click.echo(
            f"the schema is at revision {after}" + ("" if before == after else f" (was {before or 'empty'})")
        )

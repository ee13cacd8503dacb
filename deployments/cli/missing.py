"""`wsoptv missing`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from deployments.cli.errors import reported_errors
from deployments.cli.output import as_json_option, emit
from deployments.terminal.text import printable

if TYPE_CHECKING:
    from catalog_models.reads.overview import MissingFiles


@click.command(short_help="List files that are missing from the archive.")
@as_json_option
def missing(as_json: bool) -> None:
    """List known files that the last scan did not find in the archive; folders are summarised.

    Each line is a path that `wsoptv forget` accepts.
    """
    with reported_errors(as_json):
        from catalog_models.reads.overview import list_missing_files
        from deployments.runtime import open_runtime

        with open_runtime("missing") as runtime:
            found = runtime.transactions.in_session(list_missing_files)
        emit(found, as_json, _list)


def _list(found: MissingFiles) -> None:
    for line in found.lines:
        since = f", since {line.since:%Y-%m-%d %H:%M}" if line.since else ""
        click.echo(printable(f"{line.text}{since}"))
    if not found.lines:
        click.echo("no file is missing", err=True)

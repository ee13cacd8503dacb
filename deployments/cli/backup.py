"""`wsoptv backup`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from deployments.cli.errors import reported_errors
from deployments.cli.output import as_json_option, emit

if TYPE_CHECKING:
    from deployments.backup import BackedUp


_folder = click.Path(path_type=Path)


@click.command(short_help="Back up the database and the home's secrets.")
@click.argument("folder", type=_folder)
@as_json_option
def backup(folder: Path, as_json: bool) -> None:
    """Write a dump of the whole database and the secrets of the home to FOLDER. Servers may be running.

    `wsoptv restore FOLDER` restores them into an empty home of this version or a newer one. Pictures,
    renditions and copies are not included.
    """
    with reported_errors(as_json):
        from deployments.backup import make_backup
        from deployments.runtime import open_runtime

        with open_runtime("backup") as runtime:
            made = make_backup(runtime.settings, runtime.engine, folder.absolute())
        emit(made, as_json, _show_backup)


def _show_backup(made: BackedUp) -> None:
    click.echo(f"schema {made.schema}, {made.bytes:,} bytes, in {made.folder}")

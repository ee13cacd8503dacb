"""`wsoptv export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from deployments.cli.errors import reported_errors
from deployments.cli.flow_runs import RunAddress, loading, no_prefect_option
from deployments.cli.output import as_json_option, emit

if TYPE_CHECKING:
    from flows.upkeep.export import Exported


_folder = click.Path(path_type=Path)


@click.command(short_help="Export what an ingest cannot restore.")
@click.argument("folder", required=False, type=_folder)
@no_prefect_option
@as_json_option
def export(folder: Path | None, no_prefect: bool, as_json: bool) -> None:
    """Write accounts, titles, edits, hands, progress and views to FOLDER, as JSON Lines and WebVTT.

    They refer to files by fingerprint. Without FOLDER, write to a new folder in `exports` of the home, which
    keeps the last seven exports. The run is a flow run of this process.
    """
    with reported_errors(as_json):
        with loading():
            from deployments.prefect.jobs import RunOptions
            from deployments.prefect.jobs import export as run

        address = RunAddress(quiet=as_json)
        how = RunOptions(no_prefect, quiet=as_json, reads=False, on_run=address)
        exported = run(None if folder is None else folder.absolute(), how)
        emit(exported, as_json, _show_exported)
        address.show()


def _show_exported(exported: Exported) -> None:
    for name, count in exported.rows.items():
        click.echo(f"{count:>9,} {name}")
    click.echo(f"{exported.chapters:>9,} files of hands as WebVTT\nin {exported.folder}")

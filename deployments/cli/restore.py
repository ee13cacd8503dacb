"""`wsoptv restore`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from deployments.cli.errors import reported_errors
from deployments.cli.output import as_json_option, emit

if TYPE_CHECKING:
    from deployments.backup import BackedUp
    from flows.upkeep.restore import Restored


_folder = click.Path(path_type=Path)


@click.command(short_help="Restore an export or a backup into an empty home.")
@click.argument("folder", type=_folder)
@as_json_option
def restore(folder: Path, as_json: bool) -> None:
    """Restore an export or a backup into an empty home or database, completely or not at all.

    Then ingest the archive, wherever it is mounted: its files are recognised by their content, and keep their
    titles, hands and progress.
    """
    with reported_errors(as_json):
        from deployments.backup import is_backup, restore_backup
        from deployments.runtime import open_runtime
        from flows.upkeep.restore import restore as restore_export

        with open_runtime("restore") as runtime:
            if is_backup(folder):
                restored = restore_backup(runtime.settings, runtime.engine, folder.absolute())
                emit(restored, as_json, _show_backup)
            else:
                emit(restore_export(runtime.transactions, folder.absolute()), as_json, _show_restored)


def _show_restored(restored: Restored) -> None:
    for name, count in restored.rows.items():
        click.echo(f"{count:>9,} {name}")
    click.echo("restored; now `wsoptv ingest` the archive, wherever it is mounted")
    if restored.rows["renditions"]:
        _show_renditions()


def _show_backup(done: BackedUp) -> None:
    click.echo(f"restored, at schema {done.schema}; now `wsoptv ingest` the archive, wherever it is mounted")
    _show_renditions()


def _show_renditions() -> None:
    click.echo(
        "if renditions or copies are missing, `wsoptv renditions` and `wsoptv promote` may need --accept-missing"
    )

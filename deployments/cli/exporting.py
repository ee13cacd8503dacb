"""`wsoptv export`, `restore` and `backup`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from deployments.cli.errors import explained
from deployments.cli.flow_runs import RunAddress, loading, no_prefect_option
from deployments.cli.output import as_json_option, emit

if TYPE_CHECKING:
    from deployments.backup import BackedUp
    from flows.upkeep.export import Exported
    from flows.upkeep.restore import Restored

_folder = click.Path(path_type=Path)


@click.command(short_help="Write what no ingest could make again.")
@click.argument("folder", required=False, type=_folder)
@no_prefect_option
@as_json_option
def export(folder: Path | None, no_prefect: bool, as_json: bool) -> None:
    """Write people, titles, edits, hands, progress and views to FOLDER, as JSON Lines and WebVTT.

    They name files by their fingerprints. Without FOLDER, write to a new folder in `exports` of the home,
    where the last seven exports are kept. The run is a flow run of this process.
    """
    with explained(as_json):
        with loading():
            from deployments.jobs import RunOptions
            from deployments.jobs import export as run

        address = RunAddress(quiet=as_json)
        how = RunOptions(no_prefect, quiet=as_json, reads=False, on_run=address)
        exported = run(None if folder is None else folder.absolute(), how)
        emit(exported, as_json, _show_exported)
        address.show()


@click.command(short_help="Put an export or a backup into an empty home.")
@click.argument("folder", type=_folder)
@as_json_option
def restore(folder: Path, as_json: bool) -> None:
    """Put an export or a backup into an empty home or database: all of it, or nothing.

    Then ingest the archive, wherever it is mounted now: its files are recognised by their content, and keep
    their titles, hands and progress.
    """
    with explained(as_json):
        from deployments.backup import is_backup, restore_backup
        from deployments.runtime import enter
        from flows.upkeep.restore import restore as put_in

        with enter("restore") as runtime:
            if is_backup(folder):
                restored = restore_backup(runtime.settings, runtime.engine, folder.absolute())
                emit(restored, as_json, _show_put_back)
            else:
                emit(put_in(runtime.transactions, folder.absolute()), as_json, _show_restored)


@click.command(short_help="Back up the database and the home's secrets.")
@click.argument("folder", type=_folder)
@as_json_option
def backup(folder: Path, as_json: bool) -> None:
    """Write a dump of the whole database and the home's secrets to FOLDER. Servers may be running.

    `wsoptv restore FOLDER` puts them into an empty home of this version or a newer one. Pictures, renditions
    and copies are not included.
    """
    with explained(as_json):
        from deployments.backup import make_backup
        from deployments.runtime import enter

        with enter("backup") as runtime:
            made = make_backup(runtime.settings, runtime.engine, folder.absolute())
        emit(made, as_json, _show_backup)


def _show_exported(exported: Exported) -> None:
    for name, count in exported.rows.items():
        click.echo(f"{count:>9,} {name}")
    click.echo(f"{exported.chapters:>9,} files of hands as WebVTT\nin {exported.folder}")


def _show_restored(restored: Restored) -> None:
    for name, count in restored.rows.items():
        click.echo(f"{count:>9,} {name}")
    click.echo("restored; now `wsoptv ingest` the archive, wherever it is mounted")
    if restored.rows["renditions"]:
        _show_renditions()


def _show_put_back(done: BackedUp) -> None:
    click.echo(f"restored, at schema {done.schema}; now `wsoptv ingest` the archive, wherever it is mounted")
    _show_renditions()


def _show_renditions() -> None:
    click.echo(
        "if renditions or copies are missing, `wsoptv renditions` and `wsoptv promote` may need --accept-missing"
    )


def _show_backup(made: BackedUp) -> None:
    click.echo(f"schema {made.schema}, {made.bytes:,} bytes, in {made.folder}")

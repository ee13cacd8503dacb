"""`wsoptv forget`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from deployments.cli.errors import reported_errors
from deployments.cli.output import as_json_option, emit
from deployments.terminal.text import encodable, printable

if TYPE_CHECKING:
    from tasks.catalogue.missing_files import Forgotten, Named


@click.command(short_help="Forget missing files that were deleted on purpose.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(readable=False))
@as_json_option
def forget(paths: tuple[str, ...], as_json: bool) -> None:
    """Forget the missing files at PATH: a file, or all missing files of a folder.

    They disappear from lists, counts and alerts. No other data is lost: a file that comes back, also under
    another name, has its title, edits, hands and progress again. Files that are present are refused. A PATH
    is absolute, relative to the archive's root, or relative to the working directory.
    """
    with reported_errors(as_json):
        from deployments.cli.actor import operator
        from deployments.runtime import open_runtime
        from tasks.catalogue.missing_files import forget_paths

        with open_runtime("forget") as runtime:
            outcome = runtime.transactions.in_session(
                forget_paths, [_candidates(path) for path in paths], operator()
            )
        emit(outcome, as_json, _show)


def _candidates(path: str) -> Named:
    """Return what a path may name: below a root or the working directory, with folder links resolved."""
    from catalog_models.locations import absolute
    from orchestration.storage import is_bucket
    from tasks.catalogue.missing_files import Named

    given = os.fsencode(path)
    if is_bucket(given):
        return Named(encodable(path), [absolute(given)])
    folder, name = os.path.split(os.path.abspath(given))
    places = [os.path.join(folder, name), os.path.join(absolute(folder), name)]
    below_a_root = [] if os.path.isabs(given) else [os.path.normpath(given)]
    return Named(encodable(path), [*below_a_root, *places])


def _show(outcome: Forgotten) -> None:
    from catalog_models.values import format_count

    for path in outcome.paths:
        click.echo(f"{printable(path.path)}: {format_count(path.files, 'missing file')} forgotten")

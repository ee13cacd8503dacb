"""`wsoptv accept`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from deployments.cli.errors import FAILED, reported_errors
from deployments.cli.output import as_json_option, emit
from deployments.terminal.text import printable

if TYPE_CHECKING:
    from flows.ingest.acceptance import Accepted


@click.command(short_help="Confirm that changed files are correct.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(readable=False))
@as_json_option
def accept(paths: tuple[str, ...], as_json: bool) -> None:
    """Confirm that the files at PATH are correct: they are shorter or silent on purpose, or another video.

    The quality gate discards their earlier facts and judges the files again. A PATH is absolute as in `wsoptv
    status`, relative to the archive's root, or relative to the working directory. A file that is bad in
    itself (empty, damaged, encrypted) stays quarantined: exit code 1.
    """
    with reported_errors(as_json):
        from deployments.runtime import open_runtime
        from deployments.terminal.progress import shown_progress
        from flows.ingest.acceptance import accept_files
        from flows.job.executor import run_in_threads

        with open_runtime("accept") as runtime, shown_progress(quiet=True) as progress:
            named = [os.fsencode(path) for path in paths]
            outcome = run_in_threads(runtime.context(progress), lambda steps: accept_files(steps, named))
        emit(outcome, as_json, _show)
        if any(file.quarantined for file in outcome.files):
            sys.exit(FAILED)


def _show(outcome: Accepted) -> None:
    for file in outcome.files:
        result = f"still quarantined: {'; '.join(file.messages)}" if file.quarantined else "accepted"
        click.echo(f"{printable(file.path)}: {printable(result)}")

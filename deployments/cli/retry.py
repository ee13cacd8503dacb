"""`wsoptv retry`."""

from __future__ import annotations

import sys

import click

from deployments.cli.errors import FAILED, reported_errors
from deployments.cli.flow_runs import RunAddress, loading, no_prefect_option
from deployments.cli.output import as_json_option, emit


@click.command(short_help="Try failed files again.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that open files.")
@no_prefect_option
@as_json_option
def retry(workers: int | None, no_prefect: bool, as_json: bool) -> None:
    """Try failed files again: the dead letters that `wsoptv status` lists."""
    with reported_errors(as_json):
        with loading():
            from deployments.cli.tables import print_retry
            from deployments.prefect.jobs import RunOptions
            from deployments.prefect.jobs import retry as run

        address = RunAddress(quiet=as_json)
        how = RunOptions(no_prefect, quiet=as_json, workers=workers, on_run=address)
        outcome = run(how)
        emit(outcome, as_json, print_retry)
        address.show()
        if outcome.failed or outcome.down:
            sys.exit(FAILED)

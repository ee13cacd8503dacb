"""`wsoptv fixity`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from deployments.cli.errors import FAILED, USAGE, fail, reported_errors
from deployments.cli.flow_runs import RunAddress, loading, no_prefect_option
from deployments.cli.output import as_json_option, emit
from deployments.terminal.text import printable

if TYPE_CHECKING:
    from flows.upkeep.fixity import Verified


@click.command(short_help="Compare files with their fingerprints.")
@click.option("--budget", metavar="BYTES", help="Bytes to read (`2TB`).  [default: WSOPTV_FIXITY_BYTES]")
@click.option("--dry-run", is_flag=True, help="Only show how much would be read.")
@no_prefect_option
@as_json_option
def fixity(budget: str | None, dry_run: bool, no_prefect: bool, as_json: bool) -> None:
    """Read whole files, the longest unread first, until BYTES are read.

    List files whose bytes changed although their size and time did not. The run is a flow run of this
    process. The flow `verify-fixity` does the same every night.
    """
    most = _bytes(budget, as_json)
    with reported_errors(as_json):
        with loading():
            from deployments.prefect.jobs import RunOptions, verify

        address = RunAddress(quiet=as_json)
        # A dry run needs no record.
        how = RunOptions(no_prefect or dry_run, quiet=as_json, reads=False, on_run=address)
        done = verify(most, how, dry=dry_run)
        emit(done, as_json, _show)
        address.show()
        if done.damaged or done.unread or done.down:
            sys.exit(FAILED)


def _bytes(budget: str | None, as_json: bool) -> int | None:
    if budget is None:
        return None
    from pydantic import ByteSize, TypeAdapter, ValidationError

    try:
        return int(TypeAdapter(ByteSize).validate_python(budget))
    except ValidationError:
        fail(USAGE, "usage", f"--budget takes bytes (`2TB`, `500GB`), not {budget}", as_json)


def _show(done: Verified) -> None:
    for line in done.damaged:
        click.echo(f"damaged     {printable(line)}")
    for line in done.unread:
        click.echo(f"unreadable  {printable(line)}")
    click.echo(done.counts)

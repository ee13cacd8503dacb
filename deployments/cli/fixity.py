"""`wsoptv fixity`: whether the archive's bytes are what they were."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from deployments.cli.errors import FAILED, USAGE, explained, fail
from deployments.cli.output import as_json_option, emit, printable

if TYPE_CHECKING:
    from flows.upkeep.fixity import Verified


@click.command(short_help="Read files whole, and compare them with what they were.")
@click.option("--budget", metavar="BYTES", help="What is read (`2TB`).  [default: WSOPTV_FIXITY_BYTES]")
@click.option("--dry-run", is_flag=True, help="Only say how much would be read.")
@as_json_option
def fixity(budget: str | None, dry_run: bool, as_json: bool) -> None:
    """Read files whole, what was not read for longest first, until BYTES were read; tell those whose bytes changed though size
    and time did not. `verify-fixity` does it every night."""
    most = _bytes(budget, as_json)
    with explained(as_json):
        from deployments.cli.progress import shown_progress
        from deployments.runtime import enter
        from flows.upkeep.fixity import verify

        with enter("fixity") as runtime, shown_progress(quiet=as_json) as progress:
            done = verify(runtime.context(progress), most, dry=dry_run)
        emit(done, as_json, _show)
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
    from flows.upkeep.fixity import told

    for line in done.damaged:
        click.echo(f"damaged     {printable(line)}")
    for line in done.unread:
        click.echo(f"unreadable  {printable(line)}")
    click.echo(told(done))

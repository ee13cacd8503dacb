"""`wsoptv playability`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from deployments.cli.errors import reported_errors
from deployments.cli.output import as_json_option, emit
from deployments.terminal.text import printable

if TYPE_CHECKING:
    from catalog_models.reads.playability import Amount, PlayabilityReport

_MEANINGS = {
    "direct": "plays directly",
    "remux": "needs another container",
    "transcode": "needs other codecs",
    "broken": "cannot be read",
    "unread": "not read yet",
}


@click.command(short_help="Show how much of the archive plays.")
@as_json_option
def playability(as_json: bool) -> None:
    """Count the files, bytes and hours of the archive by whether they play, and list the reasons.

    Files play directly, need another container (remux), need other codecs (transcode), or are broken.
    """
    with reported_errors(as_json):
        from catalog_models.reads.playability import playability as count
        from deployments.runtime import open_runtime

        with open_runtime("playability") as runtime:
            found = runtime.transactions.in_session(count)
        emit(found, as_json, _show)


def _show(found: PlayabilityReport) -> None:
    for name, amount in found.verdicts.items():
        if amount.files or name != "unread":
            click.echo(f"{name:10} {_format(amount)}  {_MEANINGS[name]}")
    click.echo(f"{'prepared':10} {_format(found.prepared)}  of these, play by a rendition")
    for reason in found.reasons:
        click.echo(f"  {reason.verdict:8} {_format(reason.amount)}  {printable(reason.reason)}")


def _format(amount: Amount) -> str:
    from catalog_models.values import format_bytes, format_count, format_duration

    return f"{format_count(amount.files, 'file'):>14} {format_bytes(amount.bytes):>12} {format_duration(amount.hours * 3_600):>11}"

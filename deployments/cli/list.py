"""`wsoptv list`."""

from __future__ import annotations

import click

from deployments.cli.errors import reported_errors
from deployments.cli.output import as_json_option, emit
from deployments.terminal.text import encodable


@click.command("list", short_help="List the titles.")
@click.argument("search", required=False)
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=100,
    show_default=True,
    help="The most titles to show.",
)
@click.option("--offset", type=click.IntRange(0, 2**31 - 1), default=0, help="Skip this many titles.")
@click.option("--ids", is_flag=True, help="Show the ids, which other commands take.")
@as_json_option
def list_contents(search: str | None, limit: int, offset: int, ids: bool, as_json: bool) -> None:
    """List all titles, or those with SEARCH in their name."""
    with reported_errors(as_json):
        from unicodedata import normalize

        from catalog_models.reads.overview import list_titles
        from deployments.cli.tables import print_listing
        from deployments.runtime import open_runtime

        with open_runtime("list") as runtime:
            listing = runtime.transactions.in_session(
                list_titles, limit, offset, normalize("NFC", encodable(search or ""))
            )
        emit(listing, as_json, lambda found: print_listing(found, ids))

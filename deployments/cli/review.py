"""`wsoptv review`."""

from __future__ import annotations

import click

from deployments.cli.errors import reported_errors
from deployments.cli.output import as_json_option, emit


@click.command(short_help="List titles that need a review.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1_000_000),
    default=100,
    show_default=True,
    help="The most titles to show.",
)
@click.option("--offset", type=click.IntRange(0, 2**31 - 1), default=0, help="Skip this many titles.")
@as_json_option
def review(limit: int, offset: int, as_json: bool) -> None:
    """List the titles with a low confidence (below 0.5), the lowest first.

    `wsoptv edit` and `wsoptv confirm` remove a title from the list.
    """
    with reported_errors(as_json):
        from catalog_models.reads.review_lists import list_uncertain
        from deployments.cli.title_tables import print_review
        from deployments.runtime import open_runtime

        with open_runtime("review") as runtime:
            found = runtime.transactions.in_session(list_uncertain, limit, offset)
        emit(found, as_json, print_review)

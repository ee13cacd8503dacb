"""`wsoptv search`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from deployments.cli.errors import USAGE, fail, reported_errors
from deployments.cli.output import as_json_option, one_line
from deployments.terminal.text import encodable, printable

if TYPE_CHECKING:
    from orchestration.settings import Settings
    from serving.search import Found, SearchQuery


@click.command(short_help="Search the titles, as viewers do.")
@click.argument("query", nargs=-1, required=True)
@click.option(
    "--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="The most titles to show."
)
@as_json_option
def search(query: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Search all titles, also those in preparation, for the words of QUERY.

    Titles with all words in their name come first, then the newest. The last word may be incomplete.
    """
    with reported_errors(as_json):
        from pydantic import ValidationError

        from deployments.runtime import open_runtime
        from serving.search import SearchQuery

        try:
            question = SearchQuery(q=encodable(" ".join(query)), limit=limit, playable="all")
        except ValidationError as error:
            fail(USAGE, "usage", f"QUERY: {error.errors()[0]['msg']}", as_json)
        with open_runtime("search") as runtime:
            found = _ask(runtime.settings, question)
        if as_json:
            click.echo(one_line(found.model_dump(mode="json")))
        else:
            _show(found)


def _ask(settings: Settings, question: SearchQuery) -> Found:
    import asyncio

    from serving.search import ask_once

    return asyncio.run(ask_once(settings, question))


def _show(found: Found) -> None:
    from deployments.cli.tables import print_titles

    if found.degraded:
        click.echo("the search server does not respond: PostgreSQL searched", err=True)
    if found.corrected:
        click.echo(f"read as: {printable(found.corrected)}", err=True)
    if found.dropped:
        click.echo(f"no title has all words; left out: {printable(', '.join(found.dropped))}", err=True)
    print_titles([(hit.year, hit.title, hit.duration_seconds, hit.status) for hit in found.items])
    if len(found.items) < found.total:
        click.echo(f"the first {len(found.items)} of {found.total:,}; --limit shows more", err=True)

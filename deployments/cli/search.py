"""`wsoptv search`, the viewers' search on the command line, and `wsoptv reindex`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from deployments.cli.errors import FAILED, USAGE, explained, fail
from deployments.cli.flow_runs import RunAddress, loading, no_prefect_option
from deployments.cli.output import as_json_option, emit, encodable, one_line, printable

if TYPE_CHECKING:
    from flows.reindex_search import Reindexed
    from orchestration.settings import Settings
    from serving.search import Found, Question


@click.command(short_help="Search the titles, as viewers do.")
@click.argument("query", nargs=-1, required=True)
@click.option(
    "--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="The most titles to show."
)
@as_json_option
def search(query: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Search all titles for the words of QUERY, also those that are being prepared.

    Titles that have all words in their name come first, then the newest. The last word may be unfinished.
    """
    with explained(as_json):
        from pydantic import ValidationError

        from deployments.runtime import enter
        from serving.search import Question

        try:
            question = Question(q=encodable(" ".join(query)), limit=limit, playable="all")
        except ValidationError as error:
            fail(USAGE, "usage", f"QUERY: {error.errors()[0]['msg']}", as_json)
        with enter("search") as runtime:
            found = _ask(runtime.settings, question)
        if as_json:
            click.echo(one_line(found.model_dump(mode="json")))
        else:
            _show(found)


def _ask(settings: Settings, question: Question) -> Found:
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


@click.command(short_help="Compare the search with the titles, and rebuild its index.")
@no_prefect_option
@as_json_option
def reindex(no_prefect: bool, as_json: bool) -> None:
    """Compare the text that PostgreSQL searches with the titles, and correct it.

    With MEILISEARCH_URL, also fill a new index with all titles and swap it in; searches work in the meantime.

    The run is a flow run of this process. The flow `reindex-search` does the same every night.
    """
    with explained(as_json):
        with loading():
            from deployments.jobs import RunOptions
            from deployments.jobs import reindex as run

        address = RunAddress(quiet=as_json)
        made = run(RunOptions(no_prefect, quiet=as_json, reads=False, on_run=address))
        emit(made, as_json, _show_reindexed)
        address.show()
        if made.drift is not None and not made.drift.none:
            sys.exit(FAILED)


def _show_reindexed(made: Reindexed) -> None:
    click.echo(f"{made.mended:,} titles corrected, {made.learned:,} words added, {made.words:,} removed")
    if made.drift is None:
        click.echo("MEILISEARCH_URL is not set: PostgreSQL searches, and there is no index to rebuild")
        return
    click.echo(f"{made.titles:,} titles in the new index, in {made.seconds:.1f} s")
    if not made.drift.none:
        drift = made.drift
        lacks = f"{drift.missing:,} titles are missing, {drift.surplus:,} too many, {drift.stale:,} outdated"
        click.echo(
            f"the index still differs from the catalogue: {lacks}; run `wsoptv reindex` again", err=True
        )

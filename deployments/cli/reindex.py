"""`wsoptv reindex`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from deployments.cli.errors import FAILED, reported_errors
from deployments.cli.flow_runs import RunAddress, loading, no_prefect_option
from deployments.cli.output import as_json_option, emit

if TYPE_CHECKING:
    from flows.reindex_search import Reindexed


@click.command(short_help="Rebuild the search index.")
@no_prefect_option
@as_json_option
def reindex(no_prefect: bool, as_json: bool) -> None:
    """Correct the text that PostgreSQL searches, by comparison with the titles.

    With MEILISEARCH_URL, also fill a new index with all titles and swap it in; searches work meanwhile.

    The run is a flow run of this process. The flow `reindex-search` does the same every night.
    """
    with reported_errors(as_json):
        with loading():
            from deployments.prefect.jobs import RunOptions
            from deployments.prefect.jobs import reindex as run

        address = RunAddress(quiet=as_json)
        made = run(RunOptions(no_prefect, quiet=as_json, reads=False, on_run=address))
        emit(made, as_json, _show_reindexed)
        address.show()
        if made.drift is not None and not made.drift.none:
            sys.exit(FAILED)


def _show_reindexed(made: Reindexed) -> None:
    click.echo(f"{made.corrected:,} titles corrected, {made.added:,} words added, {made.words:,} removed")
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

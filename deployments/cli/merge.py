"""`wsoptv merge`."""

from __future__ import annotations

import uuid

import click

from deployments.cli.errors import reported_errors
from deployments.cli.output import as_json_option
from deployments.cli.title_edit import apply_edit


@click.command(short_help="Merge titles into the first one.")
@click.argument("survivor", type=click.UUID, metavar="ID")
@click.argument("others", type=click.UUID, nargs=-1, required=True, metavar="OTHER...")
@as_json_option
def merge(survivor: uuid.UUID, others: tuple[uuid.UUID, ...], as_json: bool) -> None:
    """Move the files and the viewers' progress of the OTHER titles to the title with this ID.

    It keeps its name. Later ingests keep these files together, also if they are renamed.
    """
    with reported_errors(as_json):
        from tasks.catalogue.merge_split import merge_titles

        apply_edit("merge", lambda session, by: merge_titles(session, survivor, others, by), as_json)

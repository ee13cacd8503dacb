"""`wsoptv merge`."""

from __future__ import annotations

import uuid

import click

from deployments.cli.errors import reported_errors
from deployments.cli.output import as_json_option
from deployments.cli.title_edit import apply_edit


@click.command(short_help="Say that titles are one: the first takes the files of the others.")
@click.argument("survivor", type=click.UUID, metavar="ID")
@click.argument("others", type=click.UUID, nargs=-1, required=True, metavar="OTHER...")
@as_json_option
def merge(survivor: uuid.UUID, others: tuple[uuid.UUID, ...], as_json: bool) -> None:
    """Give the files of the OTHER titles, and what people watched of them, to the title with this ID, which keeps its name.

    Every later run leaves these files together, whatever they are called then.
    """
    with reported_errors(as_json):
        from tasks.catalogue.merge_split import merge_titles

        apply_edit("merge", lambda session, by: merge_titles(session, survivor, others, by), as_json)

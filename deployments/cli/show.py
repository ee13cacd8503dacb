"""`wsoptv show`."""

from __future__ import annotations

import uuid

import click

from deployments.cli.errors import reported_errors
from deployments.cli.output import as_json_option
from deployments.cli.title_edit import apply_edit, content_id_argument


@click.command(short_help="Show a hidden title again.")
@content_id_argument
@as_json_option
def show(content_id: uuid.UUID, as_json: bool) -> None:
    """Show the title with this ID, which `wsoptv hide` has hidden, to viewers again."""
    with reported_errors(as_json):
        from tasks.catalogue.edits import show_title

        apply_edit("show", lambda session, by: show_title(session, content_id, by), as_json)

"""`wsoptv hide`."""

from __future__ import annotations

import uuid

import click

from deployments.cli.errors import reported_errors
from deployments.cli.output import as_json_option
from deployments.cli.title_edit import apply_edit, content_id_argument


@click.command(short_help="Show a title no more, whatever becomes of its files.")
@content_id_argument
@as_json_option
def hide(content_id: uuid.UUID, as_json: bool) -> None:
    """Take the title with this ID off the shelf. `wsoptv show` puts it back."""
    with reported_errors(as_json):
        from tasks.catalogue.edits import hide_title

        apply_edit("hide", lambda session, by: hide_title(session, content_id, by), as_json)

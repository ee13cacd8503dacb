"""`wsoptv hide`."""

from __future__ import annotations

import uuid

import click

from deployments.cli.errors import reported_errors
from deployments.cli.output import as_json_option
from deployments.cli.title_edit import apply_edit, content_id_argument


@click.command(short_help="Hide a title, whatever happens to its files.")
@content_id_argument
@as_json_option
def hide(content_id: uuid.UUID, as_json: bool) -> None:
    """Hide the title with this ID from viewers. `wsoptv show` shows it again."""
    with reported_errors(as_json):
        from tasks.catalogue.edits import hide_title

        apply_edit("hide", lambda session, by: hide_title(session, content_id, by), as_json)

"""`wsoptv confirm`."""

from __future__ import annotations

import uuid

import click

from deployments.cli.errors import reported_errors
from deployments.cli.output import as_json_option
from deployments.cli.title_edit import apply_edit, content_id_argument


@click.command(short_help="Confirm the name of a title.")
@content_id_argument
@as_json_option
def confirm(content_id: uuid.UUID, as_json: bool) -> None:
    """Confirm the name of the title with this ID.

    It leaves the list of `wsoptv review`, and no rule renames it.
    """
    with reported_errors(as_json):
        from tasks.catalogue.edits import confirm_title

        apply_edit("confirm", lambda session, by: confirm_title(session, content_id, by), as_json)

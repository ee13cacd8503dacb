"""`wsoptv edit`."""

from __future__ import annotations

import uuid

import click

from deployments.cli.errors import USAGE, fail, reported_errors
from deployments.cli.output import as_json_option
from deployments.cli.title_edit import apply_edit, content_id_argument
from deployments.terminal.text import encodable


@click.command(short_help="Edit the fields of a title.")
@content_id_argument
@click.argument("edits", nargs=-1, metavar="[FIELD=VALUE]...")
@click.option("--undo", multiple=True, metavar="FIELD", help="Undo the edits of this field.")
@as_json_option
def edit(content_id: uuid.UUID, edits: tuple[str, ...], undo: tuple[str, ...], as_json: bool) -> None:
    """Set fields of the title with this ID, such as `title="Main Event – Day 1"`.

    `wsoptv list --ids` and `wsoptv review` show the ID. An empty value clears a field; lists are separated by
    commas. An edit takes precedence over every rule, also in later ingests.
    """
    parts = [edit.partition("=") for edit in edits]
    if wrong := [field for field, sign, _value in parts if not sign]:
        fail(USAGE, "usage", f"{wrong[0]}: an edit has the form FIELD=VALUE", as_json)
    if not parts and not undo:
        fail(USAGE, "usage", "name a field to set (FIELD=VALUE) or to --undo", as_json)
    with reported_errors(as_json):
        from tasks.catalogue.edits import edit_title
        from tasks.catalogue.fields import InvalidEditError, check_field, parse_edit

        try:
            values = {
                encodable(field): parse_edit(encodable(field), encodable(value)) for field, _, value in parts
            }
            for field in undo:
                check_field(encodable(field))
        except InvalidEditError as error:
            fail(USAGE, error.code, str(error), as_json)
        apply_edit("edit", lambda session, by: edit_title(session, content_id, values, undo, by), as_json)

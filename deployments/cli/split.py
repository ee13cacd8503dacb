"""`wsoptv split`."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING

import click

from deployments.cli.errors import reported_errors
from deployments.cli.output import as_json_option
from deployments.cli.title_edit import apply_edit, content_id_argument

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from catalog_models.tables import Actor
    from tasks.catalogue.edits import ChangedTitle


@click.command(short_help="Split files of a title off as another one.")
@content_id_argument
@click.argument("paths", nargs=-1, required=True, metavar="FILE...", type=click.Path(readable=False))
@as_json_option
def split(content_id: uuid.UUID, paths: tuple[str, ...], as_json: bool) -> None:
    """Make another title of these FILEs of the title with this ID, and print its ID.

    A FILE is absolute, relative to the archive's root, or relative to the working directory. Later ingests
    keep these files apart, also if they are renamed.
    """
    with reported_errors(as_json):
        from flows.ingest.acceptance import find_file
        from tasks.catalogue.merge_split import split_title

        def work(session: Session, by: Actor) -> ChangedTitle:
            files = [find_file(session, os.fsencode(path)) for path in paths]
            return split_title(session, content_id, files, by)

        apply_edit("split", work, as_json)

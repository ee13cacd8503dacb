"""What people say of titles: `wsoptv edit`, `confirm`, `hide`, `show`, `merge` and `split`."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from deployments.cli.actor import operator
from deployments.cli.errors import USAGE, explained, fail
from deployments.cli.output import as_json_option, encodable, one_line, printable

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from catalog_models.writes.audit_log import Actor
    from orchestration.transactions import Transaction
    from tasks.catalogue.editing import Settled

_content_id = click.argument("content_id", type=click.UUID, metavar="ID")


@click.command(short_help="Say what a title is; a person wins over every rule.")
@_content_id
@click.argument("edits", nargs=-1, metavar="[FIELD=VALUE]...")
@click.option("--undo", multiple=True, metavar="FIELD", help="Leave this field to the rules again.")
@as_json_option
def edit(content_id: uuid.UUID, edits: tuple[str, ...], undo: tuple[str, ...], as_json: bool) -> None:
    """Set fields of the title with this ID (`wsoptv list --json` and `wsoptv review` show it): `title="Main Event – Day 1"`.

    An empty value says that there is nothing; lists are separated by commas. No later ingest touches an edited field.
    """
    parts = [edit.partition("=") for edit in edits]
    if wrong := [field for field, sign, _value in parts if not sign]:
        fail(USAGE, "usage", f"{wrong[0]}: edits are written FIELD=VALUE", as_json)
    if not parts and not undo:
        fail(USAGE, "usage", "say what to set (FIELD=VALUE) or to --undo", as_json)
    with explained(as_json):
        from tasks.catalogue.editing import edit_title
        from tasks.catalogue.fields import InvalidEditError, check_field, parse_edit

        try:
            values = {
                encodable(field): parse_edit(encodable(field), encodable(value)) for field, _, value in parts
            }
            for field in undo:
                check_field(encodable(field))
        except InvalidEditError as error:
            fail(USAGE, error.code, str(error), as_json)
        _say("edit", lambda session, by: edit_title(session, content_id, values, undo, by), as_json)


@click.command(short_help="Say that a title is called as it is: it leaves the review list.")
@_content_id
@as_json_option
def confirm(content_id: uuid.UUID, as_json: bool) -> None:
    """Say that the title with this ID is called as it is. It leaves `wsoptv review`, and no rule calls it otherwise."""
    with explained(as_json):
        from tasks.catalogue.editing import confirm_title

        _say("confirm", lambda session, by: confirm_title(session, content_id, by), as_json)


@click.command(short_help="Show a title no more, whatever becomes of its files.")
@_content_id
@as_json_option
def hide(content_id: uuid.UUID, as_json: bool) -> None:
    """Take the title with this ID off the shelf. `wsoptv show` puts it back."""
    with explained(as_json):
        from tasks.catalogue.editing import hide_title

        _say("hide", lambda session, by: hide_title(session, content_id, by), as_json)


@click.command(short_help="Show a title again that was hidden.")
@_content_id
@as_json_option
def show(content_id: uuid.UUID, as_json: bool) -> None:
    """Put the title with this ID, which `wsoptv hide` took away, back on the shelf."""
    with explained(as_json):
        from tasks.catalogue.editing import show_title

        _say("show", lambda session, by: show_title(session, content_id, by), as_json)


@click.command(short_help="Say that titles are one: the first takes the files of the others.")
@click.argument("survivor", type=click.UUID, metavar="ID")
@click.argument("others", type=click.UUID, nargs=-1, required=True, metavar="OTHER...")
@as_json_option
def merge(survivor: uuid.UUID, others: tuple[uuid.UUID, ...], as_json: bool) -> None:
    """Give the files of the OTHER titles, and what people watched of them, to the title with this ID, which keeps its name.

    Every later run leaves these files together, whatever they are called then.
    """
    with explained(as_json):
        from tasks.catalogue.placing import merge_titles

        _say("merge", lambda session, by: merge_titles(session, survivor, others, by), as_json)


@click.command(short_help="Say that files of a title are another one.")
@_content_id
@click.argument("paths", nargs=-1, required=True, metavar="FILE...", type=click.Path(readable=False))
@as_json_option
def split(content_id: uuid.UUID, paths: tuple[str, ...], as_json: bool) -> None:
    """Make a title of the FILEs, which belong to the title with this ID, and print its ID.

    A FILE is absolute, below the archive's root, or below the working directory. Every later run leaves it apart,
    whatever it is called then.
    """
    with explained(as_json):
        from flows.ingest.acceptance import find_file
        from tasks.catalogue.placing import split_title

        def work(session: Session, by: Actor) -> Settled:
            files = [find_file(session, os.fsencode(path)) for path in paths]
            return split_title(session, content_id, files, by)

        _say("split", work, as_json)


def _say(command: str, work: Callable[[Session, Actor], Settled], as_json: bool) -> None:
    """Make the edit in the name of the user of this shell, announce it, and print the new title."""
    from deployments.runtime import enter
    from flows.search.index import send_titles
    from orchestration.events import ContentEvent

    actor = operator()

    def step(transaction: Transaction) -> Settled:
        settled = work(transaction.session, actor)
        transaction.announce(*settled.events)
        return settled

    with enter(command) as runtime:
        settled = runtime.transactions.run(step)
        ids = {event.content_id for event in settled.events if isinstance(event, ContentEvent)}
        if ids and (problem := send_titles(runtime.settings, runtime.transactions, ids)):
            click.echo(
                f"saved, but not sent to the search server; the next ingest sends it: {problem}", err=True
            )
    said = {"id": str(settled.content_id), "title": settled.title}
    click.echo(one_line(said) if as_json else printable(settled.title))

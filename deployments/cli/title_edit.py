"""Parts of the commands that edit a title: the argument, and the edit in a transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from deployments.cli.actor import operator
from deployments.cli.output import one_line
from deployments.terminal.text import printable

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from catalog_models.tables import Actor
    from orchestration.transactions import Transaction
    from tasks.catalogue.edits import ChangedTitle


content_id_argument = click.argument("content_id", type=click.UUID, metavar="ID")


def apply_edit(command: str, work: Callable[[Session, Actor], ChangedTitle], as_json: bool) -> None:
    """Make an edit as the user of this shell, announce it, and print the title."""
    from deployments.runtime import open_runtime
    from flows.search.index import send_titles
    from orchestration.events import ContentEvent

    actor = operator()

    def step(transaction: Transaction) -> ChangedTitle:
        settled = work(transaction.session, actor)
        transaction.announce(*settled.events)
        return settled

    with open_runtime(command) as runtime:
        settled = runtime.transactions.run(step)
        ids = {event.content_id for event in settled.events if isinstance(event, ContentEvent)}
        if ids and (problem := send_titles(runtime.settings, runtime.transactions, ids)):
            click.echo(
                f"saved, but the search server does not have it; the next ingest sends it: {problem}",
                err=True,
            )
    result = {"id": str(settled.content_id), "title": settled.title}
    click.echo(one_line(result) if as_json else printable(settled.title))

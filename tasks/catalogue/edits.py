"""Edits of titles by moderators: stored, recorded in the audit log, and effective at once.

No rule and no ingest overwrites them.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.tables import Actor, Content, MediaFile
from catalog_models.values import HIDDEN
from catalog_models.writes import content_overrides
from catalog_models.writes.audit_log import note
from orchestration.events import Event
from tasks.catalogue.fields import check_edit, check_field
from tasks.catalogue.regroup import regroup
from tasks.catalogue.title_lookup import lock_titles


@dataclass(frozen=True)
class ChangedTitle:
    """A title after an edit, and the events to publish after the commit."""

    content_id: uuid.UUID
    title: str
    events: Sequence[Event]


def edit_title(
    session: Session, content_id: uuid.UUID, edits: Mapping[str, Any], undo: Collection[str], by: Actor
) -> ChangedTitle:
    """Set fields to JSON values (see `check_edit`), and return the fields in `undo` to the rules.

    Raise `NoSuchTitleError` and `InvalidEditError`.
    """
    values = {field: check_edit(field, value) for field, value in edits.items()}
    for field in undo:
        check_field(field)
    lock_titles(session, [content_id])
    content_overrides.store(session, content_id, values, by.name)
    content_overrides.remove(session, content_id, undo)
    note(session, by, "content.edited", ("content", content_id), {"edits": values, "undo": list(undo)})
    return refresh_title(session, content_id)


def hide_title(session: Session, content_id: uuid.UUID, by: Actor) -> ChangedTitle:
    """Hide a title, whatever happens to its files. Raise `NoSuchTitleError`."""
    lock_titles(session, [content_id])
    content_overrides.store(session, content_id, {HIDDEN: True}, by.name)
    note(session, by, "content.hidden", ("content", content_id))
    return refresh_title(session, content_id)


def show_title(session: Session, content_id: uuid.UUID, by: Actor) -> ChangedTitle:
    """Show a hidden title again, if one of its files can be shown. Raise `NoSuchTitleError`."""
    lock_titles(session, [content_id])
    content_overrides.remove(session, content_id, [HIDDEN])
    note(session, by, "content.shown", ("content", content_id))
    return refresh_title(session, content_id)


def confirm_title(session: Session, content_id: uuid.UUID, by: Actor) -> ChangedTitle:
    """Confirm the name of a title: from now on its name counts as an edit. Raise `NoSuchTitleError`."""
    (content,) = lock_titles(session, [content_id])
    named = {"title": content.title, "short_title": content.short_title}
    content_overrides.store(session, content_id, named, by.name)
    note(session, by, "content.confirmed", ("content", content_id), named)
    return refresh_title(session, content_id)


def refresh_title(session: Session, content_id: uuid.UUID, *events: Event) -> ChangedTitle:
    """Update a title after a change. `events` are added to those that the update causes."""
    files = session.scalars(select(MediaFile).where(MediaFile.content_id == content_id)).all()
    found = [*events, *regroup(session, files)]
    session.flush()
    title = session.scalars(select(Content.title).where(Content.id == content_id)).one()
    return ChangedTitle(content_id, title, list(dict.fromkeys(found)))

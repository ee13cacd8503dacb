"""Merge titles, and split files off a title, where the rules decide otherwise."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.errors import RefusedError
from catalog_models.reads.content_overrides import edits_of
from catalog_models.tables import Actor, Content, MediaFile, title_columns
from catalog_models.values import HIDDEN, MERGED_INTO
from catalog_models.writes import (
    content_overrides,
    content_views,
    contents,
    hands,
    media_files,
    watch_progress,
    watchlist,
)
from catalog_models.writes.audit_log import note
from orchestration.events import ContentCreated, ContentDeleted, ContentUpdated, Event, ProgressSaved
from tasks.catalogue.edits import ChangedTitle, refresh_title
from tasks.catalogue.fields import EDITABLE
from tasks.catalogue.related_files import OWN_KEY
from tasks.catalogue.title_lookup import lock_titles


class InvalidGroupingError(RefusedError):
    """These titles cannot be merged, or these files cannot be split off."""

    code = "invalid_placing"


def merge_titles(
    session: Session, survivor: uuid.UUID, others: Sequence[uuid.UUID], by: Actor
) -> ChangedTitle:
    """Move the files of `others`, and what viewers watched of them, to the title `survivor`. Its name stays.

    Files that appear later under the name of any of these files also join it. Of two watch positions, the
    newer one counts. Hands move only if the survivor has none. Raise `NoSuchTitleError` and
    `InvalidGroupingError`.
    """
    others = list(dict.fromkeys(others))
    if not others or survivor in others:
        raise InvalidGroupingError("a title is merged with other titles: name at least one other title")
    into, *gone = lock_titles(session, [survivor, *others])
    files = _files(session, [survivor, *others])
    content_overrides.store(session, survivor, _differing_fields(into, files), by.name)
    for content in gone:
        content_overrides.store(session, content.id, {MERGED_INTO: str(survivor)}, by.name)
    _pass_on_keys(into, gone)
    note(session, by, "content.merged", ("content", survivor), {"others": [str(key) for key in others]})
    media_files.pin(session, [file.id for file in files], survivor)
    deleted = [ContentDeleted(key) for key in contents.withdraw(session, others)]
    return refresh_title(
        session, survivor, ContentUpdated(survivor), *deleted, *_move_watching(session, survivor, others)
    )


def split_title(
    session: Session, content_id: uuid.UUID, file_ids: Collection[uuid.UUID], by: Actor
) -> ChangedTitle:
    """Make a new title of some of a title's files. Return the new title.

    Its fields come from its file names, without the edits of the old title. It is hidden if the old title is.
    Watch positions and hands stay with the old title. Raise `NoSuchTitleError` and `InvalidGroupingError`.
    """
    lock_titles(session, [content_id])
    files = _files(session, [content_id])
    chosen = [file for file in files if file.id in file_ids]
    _check_split(files, chosen, file_ids)
    row = {**title_columns(chosen[0].title or {}), "content_key": f"{OWN_KEY}{uuid.uuid4()}"}
    (new,) = contents.create(session, [row]).values()
    if edits_of(session, [content_id]).get(content_id, {}).get(HIDDEN):
        content_overrides.store(session, new, {HIDDEN: True}, by.name)
    details = {"new": str(new), "files": [file.path_text for file in chosen]}
    note(session, by, "content.split", ("content", content_id), details)
    media_files.pin(session, [file.id for file in chosen], new)
    left = refresh_title(session, content_id, ContentUpdated(content_id))
    return refresh_title(session, new, ContentCreated(new), *left.events)


def _files(session: Session, content_ids: Sequence[uuid.UUID]) -> Sequence[MediaFile]:
    query = select(MediaFile).where(MediaFile.content_id.in_(content_ids)).order_by(MediaFile.path_text)
    return session.scalars(query).all()


def _differing_fields(into: Content, files: Sequence[MediaFile]) -> dict[str, Any]:
    """Return the survivor's name, and its current values of fields that other file names read differently."""
    read = [title_columns(file.title) for file in files if file.title]
    names = {name for name in EDITABLE for row in read if row[name] != getattr(into, name)}
    return {name: _plain(getattr(into, name)) for name in sorted(names | {"title", "short_title"})}


def _plain(value: Any) -> Any:
    """Return a value for JSON, which has no dates."""
    return value.isoformat() if isinstance(value, dt.date) else value


def _pass_on_keys(into: Content, gone: Sequence[Content]) -> None:
    """Release the keys of merged titles, so that new files under these keys join the survivor.

    A survivor that was itself split off takes a key that paths produce.
    """
    said = [content.content_key for content in gone if not content.content_key.startswith(OWN_KEY)]
    for content in gone:
        contents.change(content, {"content_key": str(content.id)})
    if said and into.content_key.startswith(OWN_KEY):
        contents.change(into, {"content_key": said[0]})


def _move_watching(session: Session, survivor: uuid.UUID, others: Sequence[uuid.UUID]) -> Iterator[Event]:
    """Move views, hands, positions and list entries. Yield an event for each user whose position changed."""
    hands.move(session, others, survivor)
    content_views.move(session, others, survivor)
    watchlist.move(session, others, survivor)
    for user_id in watch_progress.move(session, others, survivor):
        yield ProgressSaved(user_id, survivor)


def _check_split(
    files: Sequence[MediaFile], chosen: Sequence[MediaFile], wanted: Collection[uuid.UUID]
) -> None:
    names = ", ".join(file.path_text for file in files)
    if foreign := sorted(str(key) for key in set(wanted) - {file.id for file in files}):
        raise InvalidGroupingError(f"{', '.join(foreign)}: not a file of this title, which has {names}")
    if not chosen:
        raise InvalidGroupingError(f"name the files to split off; the title has {names}")
    if not chosen[0].title:
        raise InvalidGroupingError(
            f"the name of {chosen[0].path_text} has not been read yet: run `wsoptv ingest`, then split"
        )
    if not any(file.missing_since is None for file in files if file not in chosen):
        raise InvalidGroupingError(f"the title would keep no present file: leave one or more of {names}")

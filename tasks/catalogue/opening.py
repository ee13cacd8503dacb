"""Titles that somebody is about to change: found, and nobody else's until the transaction ends."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.archive import MediaFile
from catalog_models.catalogue import Content, ContentOverride
from catalog_models.errors import RefusedError
from catalog_models.values import MERGED_INTO
from catalog_models.writes import contents


class NoSuchTitleError(RefusedError):
    """There is no title with this id, or no longer."""

    code = "no_such_title"


def open_titles(session: Session, content_ids: Sequence[uuid.UUID]) -> list[Content]:
    """The titles, in this order. Raises `NoSuchTitleError`, also for one that was merged into another."""
    _wait_for_files(session, content_ids)
    contents.lock(session)
    query = select(Content).where(Content.id.in_(content_ids)).execution_options(populate_existing=True)
    found = {content.id: content for content in session.scalars(query)}
    merged = _merged(session, content_ids)
    for key in content_ids:
        if key in merged:
            raise NoSuchTitleError(f"the title with the id {key} was merged into {merged[key]}")
        if key not in found:
            raise NoSuchTitleError(
                f"there is no title with the id {key}: `wsoptv list --json` and GET /api/contents have the ids"
            )
    return [found[key] for key in content_ids]


def _wait_for_files(session: Session, content_ids: Collection[uuid.UUID]) -> None:
    """An ingest locks files first and the catalogue then: in the other order each would wait for the other."""
    files = select(MediaFile.id).where(MediaFile.content_id.in_(content_ids)).order_by(MediaFile.id)
    session.execute(files.with_for_update(key_share=True))


def _merged(session: Session, content_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    query = select(ContentOverride.content_id, ContentOverride.value)
    marked = query.where(ContentOverride.content_id.in_(content_ids), ContentOverride.field == MERGED_INTO)
    return dict(session.execute(marked).tuples().all())

"""Look up titles, and lock those that are about to change until the transaction ends."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog_models.errors import RefusedError
from catalog_models.tables import Content, ContentOverride, MediaFile
from catalog_models.values import MERGED_INTO
from catalog_models.writes import contents


class NoSuchTitleError(RefusedError):
    """No title has this id, or it was removed."""

    code = "no_such_title"


def lock_titles(session: Session, content_ids: Sequence[uuid.UUID]) -> list[Content]:
    """Lock the titles and return them in this order. Raise `NoSuchTitleError`, also for a merged title."""
    while not _locked(session, content_ids):
        pass
    query = select(Content).where(Content.id.in_(content_ids)).execution_options(populate_existing=True)
    found = {content.id: content for content in session.scalars(query)}
    merged = _merged(session, content_ids)
    for key in content_ids:
        if key in merged:
            raise NoSuchTitleError(f"the title with the id {key} was merged into {merged[key]}")
        if key not in found:
            raise _none(key)
    return [found[key] for key in content_ids]


def expect_titles(session: Session, content_ids: Collection[uuid.UUID]) -> None:
    """Raise `NoSuchTitleError` if one of these ids is not a title."""
    known = set(session.scalars(select(Content.id).where(Content.id.in_(content_ids))))
    for key in content_ids:
        if key not in known:
            raise _none(key)


def _none(key: uuid.UUID) -> NoSuchTitleError:
    return NoSuchTitleError(
        f"there is no title with the id {key}: `wsoptv list --json` and GET /api/contents list the ids"
    )


def _locked(session: Session, content_ids: Collection[uuid.UUID]) -> bool:
    """Lock the files of the titles, then the catalogue. The other order could deadlock with an ingest.

    Return False, with nothing locked, if another transaction assigned files to these titles meanwhile.
    """
    files = select(MediaFile.id).where(MediaFile.content_id.in_(content_ids)).order_by(MediaFile.id)
    attempt = session.begin_nested()
    waited_for = session.scalars(files.with_for_update(key_share=True)).all()
    contents.lock(session)
    if set(session.scalars(files)) <= set(waited_for):
        attempt.commit()
        return True
    attempt.rollback()
    return False


def _merged(session: Session, content_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    query = select(ContentOverride.content_id, ContentOverride.value)
    marked = query.where(ContentOverride.content_id.in_(content_ids), ContentOverride.field == MERGED_INTO)
    return dict(session.execute(marked).tuples().all())

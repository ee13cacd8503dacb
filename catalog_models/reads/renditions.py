"""Titles that need a rendition to play, or to play well."""

from __future__ import annotations

import os
import uuid
from collections.abc import Collection
from pathlib import Path

from sqlalchemy import ColumnElement, Select, and_, case, false, func, not_, null, or_, select
from sqlalchemy.orm import Session

from catalog_models.tables import Content, ContentView, MediaFile, Rendition, Root
from catalog_models.values import RenditionState

CURRENT_RENDITION: ColumnElement[bool] = and_(
    Rendition.media_file_id == MediaFile.id,
    Rendition.state == "ready",
    Rendition.source == MediaFile.fingerprint,
    MediaFile.metadata_at.is_not(None),
)
"""The condition by which a file is joined with the rendition that plays for it."""

PLAYABLE: ColumnElement[bool] = and_(
    MediaFile.metadata_at.is_not(None), or_(MediaFile.playability == "direct", Rendition.id.is_not(None))
)
"""Something plays for a file; needs an outer join by `CURRENT_RENDITION`.

While a file waits to be read again, nothing does: its rendition may be of its old content.
"""

# These also need an outer join by `CURRENT_RENDITION`.
PLAYED_SIZE = func.coalesce(Rendition.size, MediaFile.size)
PLAYED_MTIME_NS = func.coalesce(Rendition.mtime_ns, MediaFile.mtime_ns)
"""The time stamp of what plays for a file."""

WAITING = ("remux", "transcode")
"""Verdicts on files that do not play until they get a rendition."""

_IS_OF_CONTENT = Rendition.source == MediaFile.fingerprint

RENDITION_STATE: ColumnElement[str | None] = case(
    # A rendition needs a file that can be read.
    (and_(Content.status == "preparing", MediaFile.id.is_(None)), RenditionState.NOT_PLANNED),
    (and_(_IS_OF_CONTENT, Rendition.state == "ready"), RenditionState.READY),
    # Viewers need not know of a rendition that only improves the title until it is ready.
    (MediaFile.playability == "direct", null()),
    (and_(_IS_OF_CONTENT, Rendition.state == "failed"), RenditionState.FAILED),
    # After the end of its claim, the next run begins again.
    (and_(_IS_OF_CONTENT, Rendition.claimed_until > func.now()), RenditionState.RUNNING),
    (and_(MediaFile.playability.in_(WAITING), MediaFile.missing_since.is_(None)), RenditionState.WAITING),
    (MediaFile.playability == "broken", RenditionState.NOT_PLANNED),
    else_=null(),
)
"""The state of the rendition of a title's best file, or null if it plays as it is.

Needs outer joins of the title's best file, and of the rendition of this file.
"""

RENDITION_KIND: ColumnElement[str | None] = case(
    (_IS_OF_CONTENT, Rendition.kind), (MediaFile.playability.in_(WAITING), MediaFile.playability), else_=None
)
"""The kind of that rendition, or of the one that will be made."""


def rendition_candidates(
    *, deinterlace: bool = False, content_ids: Collection[uuid.UUID] = ()
) -> Select[tuple[MediaFile, bytes, str, bool]]:
    """Select best files of shown titles that may need a rendition, the most viewed first, then the smallest.

    The columns are the file, its root, its title, and whether a rendition plays for it. A file with a
    rendition, with one in the making, or whose rendition failed, is left out while its content is the same.
    `deinterlace` keeps those whose rendition copied an interlaced picture. `content_ids` selects these titles
    alone, also those that failed.
    """
    copied = and_(Rendition.state == "ready", Rendition.kind != "deinterlace", MediaFile.interlaced.is_(True))
    replaced = copied if deinterlace else false()
    views = (
        select(func.count()).where(ContentView.content_id == Content.id).correlate(Content).scalar_subquery()
    )
    query = (
        select(MediaFile, Root.path, Content.title, _has_one(Rendition.state == "ready"))
        .join(Content, Content.best_file_id == MediaFile.id)
        .join(Root, Root.id == MediaFile.root_id)
        .where(Content.is_visible, MediaFile.missing_since.is_(None), MediaFile.fingerprint.is_not(None))
        .where(
            or_(MediaFile.playability != "direct", MediaFile.moov == "last", MediaFile.interlaced.is_(True))
        )
        .order_by(views.desc(), MediaFile.size)
    )
    if content_ids:
        standing = _has_one(Rendition.state != "failed", not_(replaced))
        return query.where(Content.id.in_(content_ids), ~standing)
    return query.where(~_has_one(not_(replaced)))


def count_waiting(session: Session) -> dict[str, int]:
    """Return how many titles need a rendition to play, by kind: remux or transcode.

    A title whose rendition is being made, or failed, does not wait.
    """
    verdict = MediaFile.playability
    counts = (
        rendition_candidates()
        .where(verdict.in_(WAITING))
        .order_by(None)
        .with_only_columns(verdict, func.count())
        .group_by(verdict)
    )
    found = {str(name): count for name, count in session.execute(counts)}
    return {name: found.get(name, 0) for name in WAITING}


def _has_one(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    same = (Rendition.media_file_id == MediaFile.id, Rendition.source == MediaFile.fingerprint)
    return select(Rendition.id).where(*same, *where).correlate(MediaFile).exists()


def played_path(session: Session, file_id: uuid.UUID, renditions: Path) -> tuple[bytes, bytes]:
    """Return root and path of what plays for a file: itself, or its rendition in the folder `renditions`."""
    paths = select(Root.path, MediaFile.path, Rendition.id).join_from(
        MediaFile, Root, Root.id == MediaFile.root_id
    )
    known = paths.outerjoin(Rendition, CURRENT_RENDITION).where(MediaFile.id == file_id)
    root, path, rendition = session.execute(known).one()
    return (root, path) if rendition is None else (os.fsencode(renditions), str(rendition).encode())

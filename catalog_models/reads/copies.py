"""The copies on the SSD, and how often each was played."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from catalog_models.reads.popularity import Popularity, popularity
from catalog_models.reads.renditions import PLAYED_MTIME_NS, PLAYED_SIZE
from catalog_models.tables import CachedFile, Content, MediaFile, PlaybackSession

IN_USE: ColumnElement[bool] = exists().where(
    Content.best_file_id == CachedFile.media_file_id,
    PlaybackSession.content_id == Content.id,
    PlaybackSession.ended_at.is_(None),
)
"""A viewer plays the copy, or waits to play it."""

CURRENT_COPY: ColumnElement[bool] = and_(
    CachedFile.size == PLAYED_SIZE, CachedFile.mtime_ns == PLAYED_MTIME_NS
)
"""The copy has the size and time of what plays for its file; needs an outer join by `CURRENT_RENDITION`."""


@dataclass(frozen=True, slots=True)
class ReadyCopy:
    """A copy that can be played. `popularity` is None if its file plays no title any more."""

    copy: CachedFile
    in_use: bool
    path_text: str
    popularity: Popularity | None

    @property
    def name(self) -> str:
        """Return the title, or else the path of the file."""
        return self.popularity.name if self.popularity else self.path_text

    @property
    def why(self) -> str:
        """Return why it was promoted."""
        return str(self.copy.reason.get("why", ""))


def ready_copies(session: Session, days: int) -> list[ReadyCopy]:
    """Return the copies that can be played, the least recently used first; views of the last `days`."""
    views = popularity(days).subquery("popularity")
    statement = (
        select(CachedFile, IN_USE, MediaFile.path_text, *views.c)
        .join(MediaFile, MediaFile.id == CachedFile.media_file_id)
        .outerjoin(views, views.c.file_id == CachedFile.media_file_id)
        .where(CachedFile.state == "ready")
        .order_by(CachedFile.used_at, CachedFile.id)
    )
    return [
        ReadyCopy(copy, in_use, path_text, Popularity(*found) if found[0] else None)
        for copy, in_use, path_text, *found in session.execute(statement)
    ]


@dataclass(frozen=True)
class CopyLine:
    """A copy of `size` bytes, as the command line lists it.

    `hits` sessions played it, which kept `bytes_sent` off the archive; `views` are those of its title in the
    last days.
    """

    id: uuid.UUID
    title: str
    path: str
    size: int
    why: str
    played: bool
    hits: int
    bytes_sent: int
    views: int
    copied_at: dt.datetime | None
    used_at: dt.datetime | None


def list_copies(session: Session, days: int) -> list[CopyLine]:
    """Return the copies that are ready, the next to be evicted first; `views` of the last `days`."""
    return [
        CopyLine(
            id=each.copy.id,
            title=each.name,
            path=each.path_text,
            size=each.copy.size,
            why=each.why,
            played=each.in_use,
            hits=each.copy.hits,
            bytes_sent=each.copy.bytes_sent,
            views=each.popularity.views if each.popularity else 0,
            copied_at=each.copy.ready_at,
            used_at=each.copy.used_at,
        )
        for each in ready_copies(session, days)
    ]

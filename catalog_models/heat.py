"""How much titles are watched: what the promotion to the SSD is decided by."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from catalog_models.archive import MediaFile, Root
from catalog_models.cached import CachedFile
from catalog_models.catalogue import Content
from catalog_models.renditions import PLAYED_SIZE, PLAYS, STANDS, Rendition
from catalog_models.watching import ContentView, PlaybackSession
from catalog_models.writes.cached_files import PLAYED


@dataclass(frozen=True, slots=True)
class Heat:
    """A title and the file that plays it (`size` in bytes); its views, and the bytes that were sent of it, in some days."""

    content_id: uuid.UUID
    file_id: uuid.UUID
    name: str
    size: int
    views: int
    bytes_sent: int

    @property
    def kept_off(self) -> float:
        """Bytes that the archive need not send in as many days, if these are like the last ones. What was never
        measured is taken to be watched from end to end."""
        per_view = self.bytes_sent / self.views if self.views and self.bytes_sent else self.size
        return self.views * min(per_view, self.size)


@dataclass(frozen=True, slots=True)
class Held:
    """A copy that is ready. `heat` is None where its file plays no title any more."""

    copy: CachedFile
    played: bool
    path_text: str
    heat: Heat | None

    @property
    def name(self) -> str:
        """Of the title, or of the file that is left of it."""
        return self.heat.name if self.heat else self.path_text

    @property
    def why(self) -> str:
        """Why it was promoted."""
        return str(self.copy.reason.get("why", ""))


def hot(session: Session, days: int, least: int) -> list[Heat]:
    """Titles that play, viewed at least so often in so many days, whose file has no copy."""
    heat = _heat(days).where(_wanting()).subquery("heat")
    return [Heat(*row) for row in session.execute(select(heat).where(heat.c.views >= least))]


def of(session: Session, days: int, content_ids: Collection[uuid.UUID]) -> list[Heat]:
    """These titles, however seldom they are viewed, as far as they play and have no copy."""
    named = _heat(days).where(_wanting(), Content.id.in_(content_ids))
    return [Heat(*row) for row in session.execute(named)]


def unwanted(session: Session, content_ids: Collection[uuid.UUID]) -> list[tuple[uuid.UUID, str, int, str]]:
    """Of these titles those that `of` has not: id, title, bytes of what plays it, and why."""
    query = (
        select(
            Content.id,
            Content.title,
            func.coalesce(PLAYED_SIZE, 0),
            Content.is_visible,
            Content.status,
            _cached(),
        )
        .outerjoin(MediaFile, MediaFile.id == Content.best_file_id)
        .outerjoin(Rendition, STANDS)
        .where(Content.id.in_(content_ids), ~func.coalesce(_wanting(), False))
    )
    return [
        (key, title, size, _why_not(shown, status, cached))
        for key, title, size, shown, status, cached in session.execute(query)
    ]


def _why_not(shown: bool, status: str, cached: bool) -> str:
    if status == "gone":
        return "none of its files is there"
    if not shown:
        return "it is not shown"
    if cached:
        return "it has a copy, or gets one at this moment"
    return "its file waits to be read again" if status == "ready" else "it does not play yet"


def held(session: Session, days: int) -> list[Held]:
    """The copies that are ready, the one that was not used for the longest time first."""
    heat = _heat(days).subquery("heat")
    statement = (
        select(CachedFile, PLAYED, MediaFile.path_text, *heat.c)
        .join(MediaFile, MediaFile.id == CachedFile.media_file_id)
        .outerjoin(heat, heat.c.file_id == CachedFile.media_file_id)
        .where(CachedFile.state == "ready")
        .order_by(CachedFile.used_at, CachedFile.id)
    )
    return [
        Held(copy, played, path_text, Heat(*found) if found[0] else None)
        for copy, played, path_text, *found in session.execute(statement)
    ]


def path_of(session: Session, file_id: uuid.UUID, renditions: Path) -> tuple[bytes, bytes]:
    """Where what plays for a file lies: its root, and its path there; its rendition lies in the folder `renditions`."""
    paths = select(Root.path, MediaFile.path, Rendition.id).join_from(
        MediaFile, Root, Root.id == MediaFile.root_id
    )
    known = paths.outerjoin(Rendition, STANDS).where(MediaFile.id == file_id)
    root, path, rendition = session.execute(known).one()
    return (root, path) if rendition is None else (os.fsencode(renditions), str(rendition).encode())


def _wanting() -> ColumnElement[bool]:
    """It plays for viewers, and has no copy."""
    return and_(Content.is_visible, Content.status == "ready", PLAYS, ~_cached())


def _cached() -> ColumnElement[bool]:
    return select(CachedFile.id).where(CachedFile.media_file_id == Content.best_file_id).exists()


def _heat(days: int) -> Select[Any]:
    """The columns of `Heat`, in its order."""
    since = func.now() - dt.timedelta(days=days)
    views = _per_title("views", func.count(), ContentView.content_id, ContentView.viewed_at > since)
    total = func.sum(PlaybackSession.bytes_sent)
    sent = _per_title("sent", total, PlaybackSession.content_id, PlaybackSession.started_at > since)
    return (
        select(
            Content.id,
            Content.best_file_id.label("file_id"),
            Content.title,
            PLAYED_SIZE,
            func.coalesce(views.c.value, 0).label("views"),
            func.coalesce(sent.c.value, 0).label("bytes_sent"),
        )
        .join(MediaFile, MediaFile.id == Content.best_file_id)
        .outerjoin(Rendition, STANDS)
        .outerjoin(views, views.c.content_id == Content.id)
        .outerjoin(sent, sent.c.content_id == Content.id)
        .where(MediaFile.missing_since.is_(None), MediaFile.size > 0)
    )


def _per_title(name: str, value: Any, content_id: Any, recent: Any) -> Any:
    return select(content_id, value.label("value")).where(recent).group_by(content_id).subquery(name)

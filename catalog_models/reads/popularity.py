"""The popularity of titles, which decides the copies on the SSD."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from catalog_models.reads.renditions import CURRENT_RENDITION, PLAYABLE, PLAYED_SIZE
from catalog_models.tables import CachedFile, Content, ContentView, MediaFile, PlaybackSession, Rendition


@dataclass(frozen=True, slots=True)
class Popularity:
    """A title with the views and the bytes sent in a period, and the file that plays it (`size` in bytes)."""

    content_id: uuid.UUID
    file_id: uuid.UUID
    name: str
    size: int
    views: int
    bytes_sent: int

    @property
    def kept_off(self) -> float:
        """Return the bytes that a copy would keep off the archive in a period like this one.

        Without a measure, a view counts as the whole file.
        """
        per_view = self.bytes_sent / self.views if self.views and self.bytes_sent else self.size
        return self.views * min(per_view, self.size)


def popular_titles(session: Session, days: int, least: int) -> list[Popularity]:
    """Return the playable titles without a copy that have at least `least` views in the last `days`."""
    views = popularity(days).where(_promotable()).subquery("popularity")
    return [Popularity(*row) for row in session.execute(select(views).where(views.c.views >= least))]


def promotable_titles(session: Session, days: int, content_ids: Collection[uuid.UUID]) -> list[Popularity]:
    """Return those of these titles that are playable and have no copy, whatever their views."""
    named = popularity(days).where(_promotable(), Content.id.in_(content_ids))
    return [Popularity(*row) for row in session.execute(named)]


def unpromotable_titles(
    session: Session, content_ids: Collection[uuid.UUID]
) -> list[tuple[uuid.UUID, str, int, str]]:
    """Return the rest of these titles: id, title, bytes of the file that plays, and the reason."""
    query = (
        select(
            Content.id,
            Content.title,
            func.coalesce(PLAYED_SIZE, 0),
            Content.is_visible,
            Content.status,
            _has_copy(),
        )
        .outerjoin(MediaFile, MediaFile.id == Content.best_file_id)
        .outerjoin(Rendition, CURRENT_RENDITION)
        .where(Content.id.in_(content_ids), ~func.coalesce(_promotable(), False))
    )
    return [
        (key, title, size, _why_not(shown, status, cached))
        for key, title, size, shown, status, cached in session.execute(query)
    ]


def _why_not(shown: bool, status: str, cached: bool) -> str:
    if status == "gone":
        return "all of its files are missing"
    if not shown:
        return "it is not shown"
    if cached:
        return "it has a copy already, or is being copied"
    return "its file waits to be read again" if status == "ready" else "it does not play yet"


def _promotable() -> ColumnElement[bool]:
    """Return the condition that a title plays for viewers and has no copy."""
    return and_(Content.is_visible, Content.status == "ready", PLAYABLE, ~_has_copy())


def _has_copy() -> ColumnElement[bool]:
    return select(CachedFile.id).where(CachedFile.media_file_id == Content.best_file_id).exists()


def popularity(days: int) -> Select[Any]:
    """Select the columns of `Popularity`, in its order, for titles with a present file."""
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
        .outerjoin(Rendition, CURRENT_RENDITION)
        .outerjoin(views, views.c.content_id == Content.id)
        .outerjoin(sent, sent.c.content_id == Content.id)
        .where(MediaFile.missing_since.is_(None), MediaFile.size > 0)
    )


def _per_title(name: str, value: Any, content_id: Any, recent: Any) -> Any:
    return select(content_id, value.label("value")).where(recent).group_by(content_id).subquery(name)

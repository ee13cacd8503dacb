"""The state of a title for a viewer: the watch progress, and whether the title is in their list."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from sqlalchemy import Row, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content, WatchlistEntry, WatchProgress


class ViewerProgress(BaseModel):
    """The watch progress of the viewer in a title.

    A title is `completed` while its position is in the last tenth, or after it was marked as watched.
    """

    model_config = ConfigDict(from_attributes=True)

    progress_seconds: float = Field(description="The position, in seconds from the start of the title.")
    percent: float | None = Field(
        description="The position in percent of the duration: 100 if the title is `completed`, null if its "
        "duration is unknown.",
        ge=0,
        le=100,
    )
    completed: bool
    is_watched: bool = Field(
        description="Whether the viewer has ever watched the title to its end, or marked it as watched."
    )
    watched_at: dt.datetime | None = Field(description="When the viewer last watched it to its end.")
    updated_at: dt.datetime = Field(description="When the position was last saved.")


class Viewed(BaseModel):
    """The fields of a title that depend on the viewer. `fill_viewing` sets them."""

    progress: ViewerProgress | None = Field(
        default=None, description="The watch progress of the viewer; null if not begun."
    )
    in_list: bool = Field(default=False, description="Whether the title is in the list of the viewer.")


class ViewedTitle(Protocol):
    """A title whose fields of `Viewed` can be set."""

    id: uuid.UUID
    progress: ViewerProgress | None
    in_list: bool


EXAMPLE_PROGRESS: JsonDict = {
    "progress_seconds": 3_600.0,
    "percent": 13.2,
    "completed": False,
    "is_watched": False,
    "watched_at": None,
    "updated_at": "2026-03-02T20:15:00Z",
}
EXAMPLE_VIEWED: JsonDict = {"progress": EXAMPLE_PROGRESS, "in_list": True}


async def fill_viewing(session: AsyncSession, user_id: uuid.UUID, titles: Iterable[ViewedTitle]) -> None:
    """Set the fields of `Viewed` of these titles, with one statement, or with none if there are no titles."""
    by_id: dict[uuid.UUID, list[ViewedTitle]] = {}
    for title in titles:
        by_id.setdefault(title.id, []).append(title)
    if not by_id:
        return
    for row in await session.execute(viewing_of(user_id, by_id)):
        for title in by_id[row.id]:
            title.progress, title.in_list = _progress(row), row.added_at is not None


def viewing_of(user_id: uuid.UUID, content_ids: Iterable[uuid.UUID]) -> Select[Any]:
    """Select the progress of a viewer in these titles, and when each was added to the list."""
    return (
        select(
            Content.id,
            Content.duration_seconds,
            WatchProgress.progress_seconds,
            WatchProgress.completed,
            WatchProgress.watched_at,
            WatchProgress.updated_at,
            WatchlistEntry.added_at,
        )
        .outerjoin(
            WatchProgress, and_(WatchProgress.content_id == Content.id, WatchProgress.user_id == user_id)
        )
        .outerjoin(
            WatchlistEntry, and_(WatchlistEntry.content_id == Content.id, WatchlistEntry.user_id == user_id)
        )
        .where(Content.id.in_(list(content_ids)))
    )


def _progress(row: Row[Any]) -> ViewerProgress | None:
    if row.updated_at is None:
        return None
    return ViewerProgress(
        progress_seconds=row.progress_seconds,
        percent=_percent(row.progress_seconds, row.duration_seconds, completed=row.completed),
        completed=row.completed,
        # Exports of older versions have no `watched_at`.
        is_watched=row.completed or row.watched_at is not None,
        watched_at=row.watched_at,
        updated_at=row.updated_at,
    )


def _percent(seconds: float, duration: float | None, *, completed: bool) -> float | None:
    if completed:
        return 100.0
    if not duration:
        return None
    return round(min(100.0, 100 * seconds / duration), 1)

"""Queries of block stream: ended sessions, watch progress, titles and hands."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.reads.playback_sessions import ALLOWED, OPEN_OR_RESUMABLE
from catalog_models.tables import (
    Content,
    Hand,
    MediaFile,
    PlaybackSession,
    Thumbnail,
    WatchPosition,
    WatchProgress,
)
from serving.http.errors import ApiError
from serving.titles.content_id import ContentNotFoundError
from serving.titles.playback_errors import PlaybackEndedError, PlaybackNotFoundError


async def read_closed(session: AsyncSession, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, ApiError | None]:
    """Return the sessions that are not open with the reason, or None if only their lease has expired."""
    rows = await session.execute(
        select(
            PlaybackSession.id,
            PlaybackSession.ended_at.is_(None),
            not_(OPEN_OR_RESUMABLE),
            PlaybackSession.end_reason,
            ALLOWED,
            Content.is_visible,
        )
        .join(Content, Content.id == PlaybackSession.content_id)
        .where(PlaybackSession.id.in_(ids))
    )
    found: dict[uuid.UUID, ApiError | None] = dict.fromkeys(ids, PlaybackNotFoundError())
    for key, is_open, is_over, reason, allowed, visible in rows:
        if is_over:
            found[key] = PlaybackEndedError(reason)
        elif not allowed:
            found[key] = PlaybackEndedError("revoked")
        elif not visible:
            found[key] = ContentNotFoundError()
        elif is_open:
            del found[key]
        else:
            found[key] = None
    return found


async def check_owner(
    session: AsyncSession, playback_id: uuid.UUID, user_id: uuid.UUID, content_id: uuid.UUID
) -> None:
    """Raise `PlaybackNotFoundError` unless the session belongs to this viewer and title."""
    theirs = select(PlaybackSession.id).where(
        PlaybackSession.id == playback_id,
        PlaybackSession.user_id == user_id,
        PlaybackSession.content_id == content_id,
    )
    if await session.scalar(theirs) is None:
        raise PlaybackNotFoundError


async def read_progress(session: AsyncSession, user_id: uuid.UUID, content_id: uuid.UUID) -> WatchPosition:
    """Return the watch progress of a viewer."""
    found = await session.execute(
        select(WatchProgress.progress_seconds, WatchProgress.completed).where(
            WatchProgress.user_id == user_id, WatchProgress.content_id == content_id
        )
    )
    row = found.one_or_none()
    return WatchPosition(*row) if row else WatchPosition()


async def read_duration(session: AsyncSession, content_id: uuid.UUID) -> float | None:
    """Return the duration of a title in seconds, or None if unknown. Raises `ContentNotFoundError`."""
    found = await session.execute(
        select(Content.duration_seconds).where(Content.id == content_id, Content.is_visible)
    )
    row = found.one_or_none()
    if row is None:
        raise ContentNotFoundError
    duration: float | None = row[0]
    return duration


async def read_title(
    session: AsyncSession, content_id: uuid.UUID
) -> tuple[Content, MediaFile | None, set[str]]:
    """Return a visible title, its best file, and the kinds of its pictures. Raises `ContentNotFoundError`."""
    found = await session.execute(
        select(Content, MediaFile)
        .outerjoin(MediaFile, MediaFile.id == Content.best_file_id)
        .where(Content.id == content_id, Content.is_visible)
    )
    row = found.one_or_none()
    if row is None:
        raise ContentNotFoundError
    content, file = row
    kinds = select(Thumbnail.kind).where(Thumbnail.media_file_id == content.best_file_id)
    return content, file, set(await session.scalars(kinds))


async def read_hands(session: AsyncSession, content_id: uuid.UUID) -> list[Hand]:
    """Return all hands of a title, in order."""
    return list(
        await session.scalars(
            select(Hand).where(Hand.content_id == content_id).order_by(Hand.start_seconds, Hand.hand_index)
        )
    )

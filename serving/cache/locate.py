"""Which file plays a title, and where it lies. Today that is always the archive."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content, MediaFile, Root
from orchestration.contracts import Source
from serving.errors import ContentNotFoundError
from serving.playback_errors import FileMissingError, NotPlayableError


async def locate(session: AsyncSession, content_id: uuid.UUID) -> Source:
    """The best file of a visible title.

    Raises `ContentNotFoundError`, `NotPlayableError` (the title is not ready), `FileMissingError` (no file of it).
    """
    found = await session.execute(
        select(
            Content.status,
            Root.path,
            MediaFile.path,
            MediaFile.path_text,
            MediaFile.container,
            Content.duration_seconds,
            MediaFile.playability,
            MediaFile.playability_reasons,
        )
        .outerjoin(MediaFile, MediaFile.id == Content.best_file_id)
        .outerjoin(Root, Root.id == MediaFile.root_id)
        .where(Content.id == content_id, Content.is_visible)
    )
    row = found.one_or_none()
    if row is None:
        raise ContentNotFoundError
    status, root, path, path_text, container, duration, playability, reasons = row
    if status != "ready":
        raise NotPlayableError(
            details={"status": status, "playability": playability, "reasons": reasons or []}
        )
    if path is None:
        raise FileMissingError
    return Source(root, path, path_text, container, duration, "nas")

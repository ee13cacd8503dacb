"""Which file plays a title, and where it lies: on the SSD, if there is a copy of it as it is now, and in the archive."""

from __future__ import annotations

import os
import uuid
from dataclasses import replace
from pathlib import Path

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import CachedFile, Content, MediaFile, Root
from orchestration.contracts import Source
from serving.errors import ContentNotFoundError
from serving.playback_errors import FileMissingError, NotPlayableError


async def locate(session: AsyncSession, content_id: uuid.UUID, cache: Path) -> Source:
    """The best file of a visible title; copies lie in the folder `cache`.

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
            CachedFile.id,
            MediaFile.size,
            MediaFile.mtime_ns,
        )
        .outerjoin(MediaFile, MediaFile.id == Content.best_file_id)
        .outerjoin(Root, Root.id == MediaFile.root_id)
        .outerjoin(
            CachedFile,
            and_(
                CachedFile.media_file_id == MediaFile.id,
                CachedFile.state == "ready",
                CachedFile.size == MediaFile.size,
                CachedFile.mtime_ns == MediaFile.mtime_ns,
            ),
        )
        .where(Content.id == content_id, Content.is_visible)
    )
    row = found.one_or_none()
    if row is None:
        raise ContentNotFoundError
    status, root, path, path_text, container, duration, playability, reasons, copy, size, mtime_ns = row
    if status != "ready":
        raise NotPlayableError(
            details={"status": status, "playability": playability, "reasons": reasons or []}
        )
    if path is None:
        raise FileMissingError
    archived = Source(root, path, path_text, container, duration, "nas")
    if copy is None:
        return archived
    state = (size, mtime_ns // 1_000_000_000)
    return replace(
        archived, root=os.fsencode(cache), path=str(copy).encode(), tier="ssd", archived=archived, state=state
    )

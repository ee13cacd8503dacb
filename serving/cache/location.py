"""Which file plays a title, and where it lies: on the SSD, if there is a copy of it as it is now, and in the archive."""

from __future__ import annotations

import os
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.renditions import PLAYED_MTIME_NS, PLAYED_SIZE, STANDS
from catalog_models.tables import CachedFile, Content, MediaFile, Rendition, Root
from catalog_models.writes.cached_files import AS_PLAYED
from orchestration.contracts import FileVersion, Source, path_key
from serving.titles.content_id import ContentNotFoundError
from serving.titles.playback_errors import FileMissingError, NotPlayableError

if TYPE_CHECKING:
    from orchestration.settings import Settings


async def locate(session: AsyncSession, content_id: uuid.UUID, settings: Settings) -> Source:
    """What plays for the best file of a visible title: its rendition, if it has one, and a copy of that on the SSD.

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
            CachedFile.source_ctime_ns,
            PLAYED_SIZE,
            PLAYED_MTIME_NS,
            Rendition.id,
            Rendition.container,
        )
        .outerjoin(MediaFile, MediaFile.id == Content.best_file_id)
        .outerjoin(Root, Root.id == MediaFile.root_id)
        .outerjoin(Rendition, STANDS)
        .outerjoin(
            CachedFile,
            and_(CachedFile.media_file_id == MediaFile.id, CachedFile.state == "ready", AS_PLAYED),
        )
        .where(Content.id == content_id, Content.is_visible)
    )
    row = found.one_or_none()
    if row is None:
        raise ContentNotFoundError
    status, root, path, path_text, container, duration, playability, reasons, copy, copied_ctime, *rest = row
    size, mtime_ns, rendition, made = rest
    if status != "ready" or (path is not None and playability != "direct" and rendition is None):
        raise NotPlayableError(
            details={"status": status, "playability": playability, "reasons": reasons or []}
        )
    if path is None:
        raise FileMissingError
    plays = Source(root, path, path_text, container, duration, "nas")
    state = (size, mtime_ns // 1_000_000_000)
    if rendition is not None:
        below = _below(settings.renditions_folder, rendition)
        plays = replace(plays, **below, container=made, state=state, is_rendition=True)
    if copy is None:
        return plays
    copied = FileVersion(size, mtime_ns, copied_ctime, path_key(plays))
    below = _below(settings.cache_folder, copy)
    return replace(plays, **below, tier="ssd", archived=plays, state=state, copied=copied)


def _below(folder: Path, key: uuid.UUID) -> dict[str, Any]:
    return {"root": os.fsencode(folder), "path": str(key).encode()}

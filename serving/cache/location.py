"""The location of the file that plays a title: in the archive, and on the SSD if it has a current copy."""

from __future__ import annotations

import os
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.reads.copies import CURRENT_COPY
from catalog_models.reads.renditions import CURRENT_RENDITION, PLAYED_MTIME_NS, PLAYED_SIZE
from catalog_models.tables import CachedFile, Content, MediaFile, Rendition, Root
from orchestration.contracts import FileVersion, Source, path_key
from serving.titles.content_id import ContentNotFoundError
from serving.titles.playback_errors import FileMissingError, NotPlayableError

if TYPE_CHECKING:
    from orchestration.settings import Settings


_LOCATION = (
    select(
        Content.status.label("status"),
        Content.duration_seconds.label("duration"),
        Root.path.label("root"),
        MediaFile.path.label("path"),
        MediaFile.path_text.label("path_text"),
        MediaFile.container.label("container"),
        MediaFile.playability.label("playability"),
        MediaFile.playability_reasons.label("reasons"),
        Rendition.id.label("rendition"),
        Rendition.container.label("rendition_container"),
        CachedFile.id.label("copy"),
        CachedFile.source_ctime_ns.label("copied_ctime_ns"),
        PLAYED_SIZE.label("size"),
        PLAYED_MTIME_NS.label("mtime_ns"),
    )
    .outerjoin(MediaFile, MediaFile.id == Content.best_file_id)
    .outerjoin(Root, Root.id == MediaFile.root_id)
    .outerjoin(Rendition, CURRENT_RENDITION)
    .outerjoin(
        CachedFile, and_(CachedFile.media_file_id == MediaFile.id, CachedFile.state == "ready", CURRENT_COPY)
    )
    .where(Content.is_visible)
)


async def locate(session: AsyncSession, content_id: uuid.UUID, settings: Settings) -> Source:
    """Return the source that plays a visible title: its best file or rendition, and the copy on the SSD.

    Raises `ContentNotFoundError`, `NotPlayableError` if the title is not ready, and `FileMissingError` if it
    has no file.
    """
    row = (await session.execute(_LOCATION.where(Content.id == content_id))).one_or_none()
    if row is None:
        raise ContentNotFoundError
    _check_playable(row)
    source = _original(row, settings)
    if row.copy is None:
        return source
    return replace(
        source,
        **_below(settings.cache_folder, row.copy),
        tier="ssd",
        archived=source,
        state=_state(row),
        copied=FileVersion(row.size, row.mtime_ns, row.copied_ctime_ns, path_key(source)),
    )


def _check_playable(row: Row[Any]) -> None:
    plays = row.path is None or row.playability == "direct" or row.rendition is not None
    if row.status != "ready" or not plays:
        details = {"status": row.status, "playability": row.playability, "reasons": row.reasons or []}
        raise NotPlayableError(details=details)
    if row.path is None:
        raise FileMissingError


def _original(row: Row[Any], settings: Settings) -> Source:
    """Return the source of the file in the archive, or of its rendition."""
    source = Source(row.root, row.path, row.path_text, row.container, row.duration, "nas")
    if row.rendition is None:
        return source
    below = _below(settings.renditions_folder, row.rendition)
    return replace(source, **below, container=row.rendition_container, state=_state(row), is_rendition=True)


def _state(row: Row[Any]) -> tuple[int, int]:
    """Return the size and the modification time (in seconds) of the playing file."""
    return row.size, row.mtime_ns // 1_000_000_000


def _below(folder: Path, key: uuid.UUID) -> dict[str, Any]:
    return {"root": os.fsencode(folder), "path": str(key).encode()}

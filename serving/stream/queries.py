"""Which file plays a title."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content, MediaFile, Root
from serving.errors import ContentNotFoundError
from serving.stream.errors import FileMissingError, NotPlayableError


@dataclass(frozen=True, slots=True)
class Source:
    """The file that plays: its root's folder and its path below that, in the file system's bytes."""

    root: bytes
    path: bytes
    path_text: str
    container: str | None


async def find_source(session: AsyncSession, content_id: uuid.UUID) -> Source:
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
    status, root, path, path_text, container, playability, reasons = row
    if status != "ready":
        raise NotPlayableError(
            details={"status": status, "playability": playability, "reasons": reasons or []}
        )
    if path is None:
        raise FileMissingError
    return Source(root, path, path_text, container)

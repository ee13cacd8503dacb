"""One title from the tables, and where its pictures lie."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content, MediaFile, Series, Thumbnail
from serving.content.schemas import File, SeriesOfTitle, Title
from serving.errors import ContentNotFoundError
from serving.programme import Programme, urls_of


async def read_title(session: AsyncSession, content_id: uuid.UUID) -> Title:
    """A visible title with its files, the one that plays first. Raises `ContentNotFoundError`."""
    found = await session.execute(
        select(Content, Series)
        .outerjoin(Series, Series.id == Content.series_id)
        .where(Content.id == content_id, Content.is_visible)
    )
    row = found.one_or_none()
    if row is None:
        raise ContentNotFoundError
    content, series = row
    kinds = await session.scalars(
        select(Thumbnail.kind).where(Thumbnail.media_file_id == content.best_file_id)
    )
    return Title(
        **Programme.model_validate(content).model_dump(),
        description=content.description,
        title_confidence=content.title_confidence,
        title_rule=content.title_rule,
        series=SeriesOfTitle.model_validate(series) if series else None,
        why_this_file=content.best_file_reason,
        files=await _files(session, content),
        urls=urls_of(content, set(kinds)),
    )


async def _files(session: AsyncSession, content: Content) -> list[File]:
    files = [
        File.model_validate(file).model_copy(update={"plays": file.id == content.best_file_id})
        for file in await session.scalars(
            select(MediaFile).where(MediaFile.content_id == content.id).order_by(MediaFile.path_text)
        )
    ]
    return sorted(files, key=lambda file: (not file.plays, file.missing_since is not None))


async def find_picture(session: AsyncSession, content_id: uuid.UUID, kind: str) -> str | None:
    """The path of a picture relative to the thumbnails' folder, None when it has not been made.

    Raises `ContentNotFoundError` when the title is not to be seen.
    """
    found = await session.execute(
        select(Thumbnail.path)
        .select_from(Content)
        .outerjoin(Thumbnail, (Thumbnail.media_file_id == Content.best_file_id) & (Thumbnail.kind == kind))
        .where(Content.id == content_id, Content.is_visible)
    )
    row = found.one_or_none()
    if row is None:
        raise ContentNotFoundError
    path: str | None = row[0]
    return path

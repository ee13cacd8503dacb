"""One title from the tables, and where its pictures lie."""

from __future__ import annotations

import uuid

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content, MediaFile, Series, Thumbnail, WatchProgress
from catalog_models.tables import Hand as HandRow
from serving.content.neighbours import neighbours_of
from serving.content.schemas import File, Hand, Hands, HandsAsked, Progress, SeriesOfTitle, Title
from serving.errors import ContentNotFoundError
from serving.programme import Programme, urls_of


async def read_title(session: AsyncSession, content_id: uuid.UUID, user_id: uuid.UUID) -> Title:
    """A visible title with its files, the one that plays first, as this person has it. Raises `ContentNotFoundError`."""
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
    before, after = await neighbours_of(session, content)
    progress = await session.get(WatchProgress, (user_id, content_id))
    return Title(
        **Programme.model_validate(content).model_dump(),
        description=content.description,
        title_confidence=content.title_confidence,
        title_rule=content.title_rule,
        series=SeriesOfTitle.model_validate(series) if series else None,
        why_this_file=content.best_file_reason,
        files=await _files(session, content),
        hands_played=await _hands(session, content_id),
        progress=None if progress is None else Progress.model_validate(progress),
        previous=before,
        next=after,
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


async def _hands(session: AsyncSession, content_id: uuid.UUID) -> list[Hand]:
    rows = await session.scalars(
        select(HandRow).where(HandRow.content_id == content_id).order_by(HandRow.hand_index)
    )
    return [Hand.model_validate(row) for row in rows]


async def list_hands(session: AsyncSession, content_id: uuid.UUID, asked: HandsAsked) -> Hands:
    """A page of the hands of a visible title. Raises `ContentNotFoundError`."""
    if not await session.scalar(select(Content.id).where(Content.id == content_id, Content.is_visible)):
        raise ContentNotFoundError
    wanted = [HandRow.content_id == content_id]
    if asked.best is not None:
        wanted.append(HandRow.is_best == asked.best)
    if asked.category is not None:
        wanted.append(func.lower(HandRow.category) == asked.category.lower())
    if asked.player is not None:
        names = func.unnest(HandRow.players).table_valued("name").render_derived()
        wanted.append(
            exists(select(1).select_from(names).where(func.lower(names.c.name) == asked.player.lower()))
        )
    total = await session.scalar(select(func.count()).select_from(HandRow).where(*wanted))
    page = select(HandRow).where(*wanted).order_by(HandRow.hand_index)
    rows = await session.scalars(page.limit(asked.limit).offset(asked.offset))
    items = [Hand.model_validate(row) for row in rows]
    return Hands(items=items, total=total or 0, limit=asked.limit, offset=asked.offset)


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

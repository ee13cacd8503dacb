"""Queries of a single title, its hands and its pictures."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.reads.renditions import RENDITION_KIND, RENDITION_STATE
from catalog_models.search.text import has_name
from catalog_models.tables import Content, MediaFile, Rendition, Series, Thumbnail
from catalog_models.tables import Hand as HandRow
from orchestration.contracts import Viewer
from serving.content.neighbours import neighbours_of
from serving.content.schemas import (
    File,
    Hands,
    HandsQuery,
    Neighbour,
    RenditionOfTitle,
    SeriesOfTitle,
    Title,
)
from serving.titles.content_id import ContentNotFoundError
from serving.titles.pictures import Pictures, pictures_by_kind, poster_of
from serving.titles.title import Hand, TitleFields, urls_of
from serving.titles.viewing import fill_viewing


async def read_title(session: AsyncSession, content_id: uuid.UUID, viewer: Viewer) -> Title:
    """Return a visible title with its files, the playing one first, and the watch progress of a viewer.

    Only moderators and admins see the paths of files; for others they are names. Raises
    `ContentNotFoundError`.
    """
    found = await session.execute(
        select(Content, Series, RENDITION_STATE, RENDITION_KIND)
        .outerjoin(Series, Series.id == Content.series_id)
        .outerjoin(MediaFile, MediaFile.id == Content.best_file_id)
        .outerjoin(Rendition, Rendition.media_file_id == MediaFile.id)
        .where(Content.id == content_id, Content.is_visible)
    )
    row = found.one_or_none()
    if row is None:
        raise ContentNotFoundError
    content, series, state, kind = row
    before, after = await neighbours_of(session, content)
    pictures = await _pictures(session, content, before, after)
    title = Title(
        **TitleFields.model_validate(content).model_dump(),
        description=content.description,
        title_confidence=content.title_confidence,
        title_rule=content.title_rule,
        series=SeriesOfTitle.model_validate(series) if series else None,
        why_this_file=content.best_file_reason,
        files=await _files(session, content, with_paths=viewer.role != "user"),
        rendition=None if state is None else RenditionOfTitle(state=state, kind=kind),
        hands_played=await _hands(session, content_id),
        previous=_neighbour(before, pictures),
        next=_neighbour(after, pictures),
        poster=poster_of(pictures[content.best_file_id]),
        urls=urls_of(content, set(pictures[content.best_file_id])),
    )
    shown = (title, title.previous, title.next)
    await fill_viewing(session, viewer.user_id, (one for one in shown if one is not None))
    return title


async def _pictures(session: AsyncSession, *titles: Any) -> dict[uuid.UUID | None, Pictures]:
    """Return the existing pictures by the id of the playing file."""
    files = [title.best_file_id for title in titles if title is not None]
    rows = await session.execute(
        select(Thumbnail.media_file_id, pictures_by_kind)
        .where(Thumbnail.media_file_id.in_(files))
        .group_by(Thumbnail.media_file_id)
    )
    return defaultdict(dict, rows.tuples().all())


def _neighbour(row: Any, pictures: Mapping[uuid.UUID | None, Pictures]) -> Neighbour | None:
    if row is None:
        return None
    found = pictures[row.best_file_id]
    return Neighbour(id=row.id, title=row.title, poster=poster_of(found), urls=urls_of(row, set(found)))


async def _files(session: AsyncSession, content: Content, *, with_paths: bool) -> list[File]:
    files = [
        File.model_validate(file).model_copy(
            update={
                "plays": file.id == content.best_file_id,
                "path": file.path_text if with_paths else file.path_text.rpartition("/")[2],
            }
        )
        for file in await session.scalars(
            select(MediaFile)
            .where(MediaFile.content_id == content.id, MediaFile.forgotten_at.is_(None))
            .order_by(MediaFile.path_text)
        )
    ]
    return sorted(files, key=lambda file: (not file.plays, file.missing_since is not None))


async def _hands(session: AsyncSession, content_id: uuid.UUID) -> list[Hand]:
    rows = await session.scalars(
        select(HandRow).where(HandRow.content_id == content_id).order_by(HandRow.hand_index)
    )
    return [Hand.model_validate(row) for row in rows]


async def list_hands(session: AsyncSession, content_id: uuid.UUID, query: HandsQuery) -> Hands:
    """Return a page of the hands of a visible title. Raises `ContentNotFoundError`."""
    if not await session.scalar(select(Content.id).where(Content.id == content_id, Content.is_visible)):
        raise ContentNotFoundError
    wanted = [HandRow.content_id == content_id]
    if query.best is not None:
        wanted.append(HandRow.is_best == query.best)
    if query.category is not None:
        wanted.append(func.lower(HandRow.category) == query.category.lower())
    if query.player is not None:
        players = (await session.execute(select(HandRow.hand_index, HandRow.players).where(*wanted))).tuples()
        played = [index for index, names in players if has_name(names or (), query.player)]
        wanted.append(HandRow.hand_index.in_(played))
    total = await session.scalar(select(func.count()).select_from(HandRow).where(*wanted))
    page = select(HandRow).where(*wanted).order_by(HandRow.hand_index).limit(query.limit).offset(query.offset)
    items = [Hand.model_validate(row) for row in await session.scalars(page)]
    return Hands(items=items, total=total or 0, limit=query.limit, offset=query.offset)


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture of a title, stored at this time; `values.Picture` describes the other fields."""

    path: str
    version: str | None
    widths: list[int] | None
    parts: int | None
    stored_at: dt.datetime


async def find_picture(session: AsyncSession, content_id: uuid.UUID, kind: str) -> StoredPicture | None:
    """Return a picture of a title, or None if it does not exist.

    Raises `ContentNotFoundError` if the title is not visible.
    """
    found = await session.execute(
        select(Thumbnail.path, Thumbnail.version, Thumbnail.widths, Thumbnail.parts, Thumbnail.created_at)
        .select_from(Content)
        .outerjoin(Thumbnail, (Thumbnail.media_file_id == Content.best_file_id) & (Thumbnail.kind == kind))
        .where(Content.id == content_id, Content.is_visible)
    )
    row = found.one_or_none()
    if row is None:
        raise ContentNotFoundError
    return None if row.path is None else StoredPicture(*row)

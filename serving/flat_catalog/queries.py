"""The two queries of a list: how many titles there are, and one page of them."""

from __future__ import annotations

from typing import Any
from unicodedata import normalize

from sqlalchemy import Select, SQLColumnExpression, UnaryExpression, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from catalog_models.tables import Content, MediaFile, Thumbnail
from serving.flat_catalog.schemas import Listed, Selection, Titles
from serving.programme import Programme, urls_of

_STATUSES = {"true": ["ready"], "false": ["preparing"], "all": ["ready", "preparing"]}
_EQUAL = ("brand", "region", "year", "event_type", "game", "stage", "content_type", "quality", "series_id")
_SORTED_BY: dict[str, InstrumentedAttribute[Any]] = {
    "title": Content.title,
    "year": Content.year,
    "date": Content.date,
    "added": Content.created_at,
    "duration": Content.duration_seconds,
}


async def list_titles(session: AsyncSession, selection: Selection) -> Titles:
    """The page of visible titles that the selection names."""
    wanted = _wanted(selection)
    total = await session.scalar(select(func.count()).select_from(Content).where(*wanted))
    rows = await session.execute(_page(selection).where(*wanted))
    items = [_listed(*row) for row in rows]
    return Titles(items=items, total=total or 0, limit=selection.limit, offset=selection.offset)


def _wanted(selection: Selection) -> list[SQLColumnExpression[bool]]:
    wanted = [Content.is_visible, Content.status.in_(_STATUSES[selection.playable])]
    asked = {name: value for name in _EQUAL if (value := getattr(selection, name)) is not None}
    wanted += [getattr(Content, name) == value for name, value in asked.items()]
    if selection.title is not None:
        wanted.append(Content.title.icontains(normalize("NFC", selection.title), autoescape=True))
    return wanted


def _page(selection: Selection) -> Select[Content, str | None, list[str] | None, list[str]]:
    pictures = (
        select(func.coalesce(func.array_agg(Thumbnail.kind), []))
        .where(Thumbnail.media_file_id == Content.best_file_id)
        .correlate(Content)
        .scalar_subquery()
    )
    return (
        select(Content, MediaFile.playability, MediaFile.playability_reasons, pictures)
        .outerjoin(MediaFile, MediaFile.id == Content.best_file_id)
        .order_by(_order(selection.sort), Content.title, Content.id)
        .limit(selection.limit)
        .offset(selection.offset)
    )


def _order(sort: str) -> UnaryExpression[Any]:
    column = _SORTED_BY[sort.removeprefix("-")]
    return column.desc().nulls_last() if sort.startswith("-") else column.asc().nulls_last()


def _listed(
    content: Content, playability: str | None, reasons: list[str] | None, pictures: list[str]
) -> Listed:
    fields = Programme.model_validate(content).model_dump()
    return Listed(
        **fields, playability=playability, reasons=reasons or [], urls=urls_of(content, set(pictures))
    )

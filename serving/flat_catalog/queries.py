"""The two queries of a list: how many titles there are, and one page of them."""

from __future__ import annotations

from typing import Any
from unicodedata import normalize

from sqlalchemy import SQLColumnExpression, UnaryExpression, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from catalog_models.tables import Content
from serving.flat_catalog.schemas import Selection, Titles
from serving.listing import chosen, listed, listed_columns

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
    page = listed_columns().where(*wanted).order_by(_order(selection.sort), Content.title, Content.id)
    rows = await session.execute(page.limit(selection.limit).offset(selection.offset))
    items = [listed(*row) for row in rows]
    return Titles(items=items, total=total or 0, limit=selection.limit, offset=selection.offset)


def _wanted(selection: Selection) -> list[SQLColumnExpression[bool]]:
    wanted = chosen(selection)
    if selection.title is not None:
        wanted.append(Content.title.icontains(normalize("NFC", selection.title), autoescape=True))
    return wanted


def _order(sort: str) -> UnaryExpression[Any]:
    column = _SORTED_BY[sort.removeprefix("-")]
    return column.desc().nulls_last() if sort.startswith("-") else column.asc().nulls_last()

"""Queries of a list: the number of titles, the ids of one page, and the titles of these ids."""

from __future__ import annotations

from unicodedata import normalize

from sqlalchemy import SQLColumnExpression
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content
from serving.flat_catalog.schemas import Selection, Titles
from serving.flat_catalog.title_page import count, page_of
from serving.titles.lists import chosen, listed, rows_of


async def list_titles(session: AsyncSession, selection: Selection) -> Titles:
    """Return the page of visible titles of a selection."""
    wanted = _wanted(selection)
    total = await count(session, wanted)
    ids = await page_of(session, wanted, selection.sort, selection.limit, selection.offset)
    items = [listed(*row) for row in await rows_of(session, ids)]
    return Titles(items=items, total=total, limit=selection.limit, offset=selection.offset)


def _wanted(selection: Selection) -> list[SQLColumnExpression[bool]]:
    wanted = chosen(selection)
    if selection.title is not None:
        wanted.append(Content.title.icontains(normalize("NFC", selection.title), autoescape=True))
    return wanted

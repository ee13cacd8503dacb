"""Queries of the list of titles: the total, the ids of a page, its titles, and their progress."""

from __future__ import annotations

import uuid
from unicodedata import normalize

from sqlalchemy import SQLColumnExpression
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content
from serving.flat_catalog.schemas import Titles, TitlesQuery
from serving.flat_catalog.title_page import count, page_of
from serving.titles.filters import conditions_of
from serving.titles.lists import listed_title, rows_of
from serving.titles.viewing import fill_viewing


async def list_titles(session: AsyncSession, query: TitlesQuery, user_id: uuid.UUID) -> Titles:
    """Return a page of the visible titles that match the query, for a viewer."""
    wanted = _wanted(query)
    total = await count(session, wanted)
    ids = await page_of(session, wanted, query)
    items = [listed_title(*row) for row in await rows_of(session, ids)]
    await fill_viewing(session, user_id, items)
    return Titles(items=items, total=total, limit=query.limit, offset=query.offset)


def _wanted(query: TitlesQuery) -> list[SQLColumnExpression[bool]]:
    wanted = conditions_of(query)
    if query.title is not None:
        wanted.append(Content.title.icontains(normalize("NFC", query.title), autoescape=True))
    return wanted

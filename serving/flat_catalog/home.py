"""The rows of the home page, read by three queries in total."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content, WatchProgress
from serving.flat_catalog.home_rows import SHOWN, row_places
from serving.flat_catalog.home_schemas import Home, HomeTitle, Progress, Row
from serving.titles.lists import listed_columns, listed_title
from serving.titles.order import watching_order


async def rows_for(session: AsyncSession, user_id: uuid.UUID) -> Home:
    """Return the rows of a viewer, without empty ones."""
    places = sorted((await session.execute(row_places(user_id))).all(), key=lambda row: (row.rank, row.place))
    titles = await _titles(session, {row.content_id for row in places}, user_id)
    rows: dict[tuple[str, str], list[HomeTitle]] = defaultdict(list)
    for row in places:
        # A title may have been hidden between the two queries.
        if row.content_id in titles:
            rows[row.id, row.title].append(titles[row.content_id])
    return Home(
        rows=[
            Row(id=row_id, title=title, items=_in_row(row_id, items))
            for (row_id, title), items in rows.items()
        ]
    )


def _in_row(row_id: str, items: list[HomeTitle]) -> list[HomeTitle]:
    """Return the titles of a row. Titles of one event are in watching order."""
    if row_id == "main_event":
        by_series: dict[object, list[HomeTitle]] = defaultdict(list)
        for title in items:
            by_series[title.year, title.series_id].append(title)
        return [title for titles in by_series.values() for title in _in_watching_order(titles)]
    return _in_watching_order(items) if row_id.startswith("series:") else items


def _in_watching_order(titles: Iterable[HomeTitle]) -> list[HomeTitle]:
    return [title for group in watching_order(titles) for title in group]


async def _titles(
    session: AsyncSession, ids: set[uuid.UUID], user_id: uuid.UUID
) -> dict[uuid.UUID, HomeTitle]:
    rows = await session.execute(listed_columns().where(Content.id.in_(ids), SHOWN))
    seen = await _progress(session, list(ids), user_id)
    return {
        row[0].id: HomeTitle(**listed_title(*row).model_dump(), progress=seen.get(row[0].id)) for row in rows
    }


async def _progress(
    session: AsyncSession, ids: Sequence[uuid.UUID], user_id: uuid.UUID
) -> dict[uuid.UUID, Progress]:
    rows = await session.scalars(
        select(WatchProgress).where(WatchProgress.user_id == user_id, WatchProgress.content_id.in_(ids))
    )
    return {row.content_id: Progress.model_validate(row) for row in rows}

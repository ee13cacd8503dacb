"""The previous and the next title of an event."""

from __future__ import annotations

from typing import Any

from sqlalchemy import SQLColumnExpression, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from catalog_models.tables import Content
from serving.titles.order import PLACE, watching_order

_SHELF = (
    Content.series_id,
    Content.brand,
    Content.region,
    Content.year,
    Content.content_type,
    Content.season,
)


async def neighbours_of(session: AsyncSession, content: Content) -> tuple[Any | None, Any | None]:
    """Return the playable titles that are watched before and after this one, as rows for `urls_of`.

    Runs one query.
    """
    playing = (Content.status == "ready") | (Content.id == content.id)
    rows = await session.execute(
        select(*PLACE, Content.status, Content.best_file_id).where(
            *_companions(content), Content.is_visible, playing
        )
    )
    for titles in watching_order(rows.all()):
        for place, row in enumerate(titles):
            if row.id == content.id:
                return titles[place - 1] if place else None, next(iter(titles[place + 1 :]), None)
    # The title was hidden after it was read.
    return None, None


def _companions(content: Content) -> list[SQLColumnExpression[bool]]:
    """Return conditions for titles that may belong to the same group; `watching_order` decides which do."""
    same = [_same(column, content) for column in _SHELF]
    # Episodes may be numbered consecutively over several events.
    if content.content_type == "episode":
        return same
    if content.event_type == "main_event" or content.event_number is None:
        return [*same, _same(Content.event_type, content)]
    return [*same, _same(Content.event_number, content)]


def _same(column: InstrumentedAttribute[Any], content: Content) -> SQLColumnExpression[bool]:
    """Return an equality that treats nulls as equal: PostgreSQL uses no index for `is not distinct from`."""
    value = getattr(content, column.key)
    return column.is_(None) if value is None else column == value

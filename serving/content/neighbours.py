"""What comes before and after a title in its event."""

from __future__ import annotations

from typing import Any

from sqlalchemy import SQLColumnExpression, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from catalog_models.tables import Content
from serving.titles.order import PLACE, in_turn

_SHELF = (
    Content.series_id,
    Content.brand,
    Content.region,
    Content.year,
    Content.content_type,
    Content.season,
)


async def neighbours_of(session: AsyncSession, content: Content) -> tuple[Any | None, Any | None]:
    """The titles that are watched before and after this one, of those that play, as rows with what `urls_of` takes. One query."""
    playing = (Content.status == "ready") | (Content.id == content.id)
    rows = await session.execute(
        select(*PLACE, Content.status, Content.best_file_id).where(
            *_companions(content), Content.is_visible, playing
        )
    )
    for titles in in_turn(rows.all()):
        for place, row in enumerate(titles):
            if row.id == content.id:
                return titles[place - 1] if place else None, next(iter(titles[place + 1 :]), None)
    return None, None  # hidden a moment ago


def _companions(content: Content) -> list[SQLColumnExpression[bool]]:
    """All that could be of its programme, for `in_turn` to say what is."""
    same = [_same(column, content) for column in _SHELF]
    if content.content_type == "episode":  # whose numbers may go through several events
        return same
    if content.event_type == "main_event" or content.event_number is None:
        return [*same, _same(Content.event_type, content)]
    return [*same, _same(Content.event_number, content)]


def _same(column: InstrumentedAttribute[Any], content: Content) -> SQLColumnExpression[bool]:
    """`is not distinct from` would be shorter, and no index is read for it."""
    value = getattr(content, column.key)
    return column.is_(None) if value is None else column == value

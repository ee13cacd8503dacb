"""What comes before and after a title in its event."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content
from serving.content.schemas import Neighbour
from serving.order import PLACE, place_of

EVENT = (
    Content.series_id,
    Content.brand,
    Content.year,
    Content.event_type,
    Content.event_number,
    Content.event_name,
    Content.season,
    Content.content_type,
)
"""Titles that agree in these are of one event: the streams of one Main Event, the episodes of one season."""


async def neighbours_of(session: AsyncSession, content: Content) -> tuple[Neighbour | None, Neighbour | None]:
    """The titles that are watched before and after this one, of those that play. One query."""
    same = [column.is_not_distinct_from(getattr(content, column.key)) for column in EVENT]
    playing = (Content.status == "ready") | (Content.id == content.id)
    rows = await session.execute(select(Content.id, *PLACE).where(*same, Content.is_visible, playing))
    titles = sorted(rows, key=lambda row: (place_of(row), row.id))
    here = next(place for place, row in enumerate(titles) if row.id == content.id)
    before = titles[here - 1] if here else None
    after = titles[here + 1] if here + 1 < len(titles) else None
    return _neighbour(before), _neighbour(after)


def _neighbour(row: object) -> Neighbour | None:
    return None if row is None else Neighbour.model_validate(row)

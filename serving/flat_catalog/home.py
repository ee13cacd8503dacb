"""The rows of the home page: which titles stand in which, from three queries whatever their number."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Select,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content, ContentView, Hand, Series, WatchProgress
from serving.flat_catalog.home_schemas import Home, HomeTitle, Progress, Row
from serving.listing import listed, listed_columns
from serving.order import place_of

ROW = 20  # titles in a row
SERIES = 8  # rows of series
BEGUN = 10.0  # seconds that somebody watched who means to go on
_TRENDING_DAYS = 7

_NAMES = {
    "continue_watching": "Continue watching",
    "recently_added": "Recently added",
    "trending": "Trending this week",
    "main_event": "Main Event",
    "best_hands": "Best hands",
}
_SHOWN = and_(Content.is_visible, Content.status == "ready")
_NEWEST = (Content.year.desc().nulls_last(), Content.date.desc().nulls_last(), Content.title, Content.id)


async def rows_for(session: AsyncSession, user_id: uuid.UUID) -> Home:
    """What this person finds at home; rows without a title are left out."""
    placed = (await session.execute(_placed(user_id))).all()
    titles = await _titles(session, {row.content_id for row in placed}, user_id)
    rows: dict[tuple[str, str], list[HomeTitle]] = defaultdict(list)
    for row in placed:
        if row.content_id in titles:  # else it was hidden a moment ago
            rows[row.id, row.title].append(titles[row.content_id])
    return Home(rows=[_row(row_id, title, items) for (row_id, title), items in rows.items()])


def _row(row_id: str, title: str, items: list[HomeTitle]) -> Row:
    in_order = sorted(items, key=place_of) if row_id.startswith("series:") else items
    return Row(id=row_id, title=title, items=in_order)


def _placed(user_id: uuid.UUID) -> CompoundSelect[Any]:
    """Rows' ids and names with the titles in them, all in their order."""
    views, best = func.count().label("views"), exists().where(Hand.content_id == Content.id, Hand.is_best)
    chosen = (
        _of("continue_watching", WatchProgress.updated_at.desc())
        .join(WatchProgress, WatchProgress.content_id == Content.id)
        .where(
            WatchProgress.user_id == user_id,
            ~WatchProgress.completed,
            WatchProgress.progress_seconds >= BEGUN,
        ),
        _of("recently_added", Content.created_at.desc(), Content.title, Content.id),
        _of("trending", views.desc(), Content.id)
        .join(ContentView, ContentView.content_id == Content.id)
        .where(ContentView.viewed_at > func.now() - func.make_interval(0, 0, 0, _TRENDING_DAYS))
        .group_by(Content.id),
        _of("main_event", *_NEWEST).where(
            Content.event_type == "main_event", Content.content_type.in_(["stream", "episode"])
        ),
        _of("best_hands", *_NEWEST).where(or_(best, Content.content_type.in_(["best_of", "hand_clip"]))),
    )
    parts = [part.limit(ROW).subquery() for part in chosen]
    return union_all(*(select(part) for part in parts), select(_of_series().subquery()))


def _of(row: str, *order: Any) -> Select[Any]:
    place = func.row_number().over(order_by=order)
    columns = (literal(row).label("id"), literal(_NAMES[row]).label("title"))
    return select(*columns, Content.id.label("content_id"), place).where(_SHOWN).order_by(*order)


def _of_series() -> Select[Any]:
    """The newest series, and of each the first titles."""
    newest = (
        select(Series.id, Series.title, Series.year)
        .where(exists().where(Content.series_id == Series.id, _SHOWN))
        .order_by(Series.year.desc().nulls_last(), Series.title)
        .limit(SERIES)
        .subquery()
    )
    inside = (
        select(Content.id.label("content_id"))
        .where(Content.series_id == newest.c.id, _SHOWN)
        .order_by(Content.date.nulls_last(), Content.title, Content.id)
        .limit(ROW)
        .lateral()
    )
    place = func.row_number().over(order_by=[newest.c.year.desc().nulls_last(), newest.c.title])
    row_id = literal("series:") + cast(newest.c.id, Text)
    joined = newest.join(inside, true())
    return select(row_id.label("id"), newest.c.title.label("title"), inside.c.content_id, place).select_from(
        joined
    )


async def _titles(
    session: AsyncSession, ids: set[uuid.UUID], user_id: uuid.UUID
) -> dict[uuid.UUID, HomeTitle]:
    rows = await session.execute(listed_columns().where(Content.id.in_(ids), _SHOWN))
    seen = await _progress(session, list(ids), user_id)
    return {row[0].id: HomeTitle(**listed(*row).model_dump(), progress=seen.get(row[0].id)) for row in rows}


async def _progress(
    session: AsyncSession, ids: Sequence[uuid.UUID], user_id: uuid.UUID
) -> dict[uuid.UUID, Progress]:
    rows = await session.scalars(
        select(WatchProgress).where(WatchProgress.user_id == user_id, WatchProgress.content_id.in_(ids))
    )
    return {row.content_id: Progress.model_validate(row) for row in rows}

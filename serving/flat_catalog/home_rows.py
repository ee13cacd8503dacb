"""The places of titles in the rows of the home page, in a single statement."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    DateTime,
    Numeric,
    Select,
    SQLColumnExpression,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from catalog_models.reads.watch_states import IS_BEGUN
from catalog_models.tables import Content, ContentView, Hand, Series, WatchlistEntry, WatchProgress

# The most titles of a row.
ROW = 20
# The number of rows for series: the newest ones, and the largest of the others.
NEWEST, BIGGEST = 5, 3
# Series with fewer titles follow all others.
FEW = 4

SHOWN = and_(Content.is_visible, Content.status == "ready")

_TRENDING_DAYS = 7
ROW_NAMES = {
    "continue_watching": "Continue watching",
    "watchlist": "My list",
    "recently_added": "Recently added",
    "trending": "Trending this week",
    "main_event": "Main Event",
    "best_hands": "Best hands",
}
"""The rows that do not belong to a series, in order, with their English names.

Rows of series have the titles of the series.
"""

SERIES = "series"
"""The id of the row of a series begins with this word and a colon."""

_BY_AGE = (Content.year.desc().nulls_last(), Content.date.desc().nulls_last(), Content.title, Content.id)
_BROADCASTS = ("stream", "episode")
# Approximately the order of `serving.titles.order.watching_order`, which sorts the rows that are found:
# broadcasts before their clips, the Main Event before other events, days before the final table.
_TO_BEGIN_WITH = (
    Content.content_type.in_(_BROADCASTS).desc().nulls_last(),
    (Content.event_type == "main_event").desc().nulls_last(),
    Content.event_number.nulls_last(),
    Content.season.nulls_first(),
    Content.episode.nulls_last(),
    Content.stage.nulls_first(),
    cast(func.substring(Content.day, r"^\d+"), Numeric).nulls_first(),
    Content.day,
    Content.part.nulls_first(),
    Content.title,
    Content.id,
)


def row_places(user_id: uuid.UUID) -> CompoundSelect[Any]:
    """Select the places of titles in rows, unordered.

    The columns are `rank` (of the row), `place` (in the row), `id` and `title` (of the row), and
    `content_id`.
    """
    parts = [_placed(row_id, user_id).limit(ROW).subquery(row_id) for row_id in ROW_NAMES]
    return union_all(*(select(part) for part in parts), _rows_of_series())


def row_of(row_id: str, user_id: uuid.UUID, as_of: dt.datetime | None) -> Select[tuple[uuid.UUID]]:
    """Select the ids of all titles of a row, in order. `row_id` must be valid.

    Views and titles that were added after `as_of` are ignored, so that successive pages fit together.
    """
    if row_id not in ROW_NAMES:
        inside = select(Content.id).where(Content.series_id == uuid.UUID(row_id.partition(":")[2]), SHOWN)
        return inside.order_by(*_TO_BEGIN_WITH)
    titles, order = _row(select(Content.id), row_id, user_id, as_of)
    return titles.order_by(*order)


def _placed(row_id: str, user_id: uuid.UUID) -> Select[Any]:
    """Select the places of titles in one row, as `row_places` does."""
    columns = (literal(row_id).label("id"), literal(ROW_NAMES[row_id]).label("title"))
    base = select(literal(list(ROW_NAMES).index(row_id)).label("rank"))
    row, order = _row(base, row_id, user_id, None)
    place = func.row_number().over(order_by=order).label("place")
    return row.add_columns(place, *columns, Content.id.label("content_id")).order_by(*order)


def _row(
    base: Select[Any], row_id: str, user_id: uuid.UUID, as_of: dt.datetime | None
) -> tuple[Select[Any], tuple[Any, ...]]:
    """Add the conditions of a row to a statement, and return it with the order of the row."""
    row = base.select_from(Content).where(SHOWN)
    match row_id:
        case "continue_watching":
            row = row.join(WatchProgress, WatchProgress.content_id == Content.id)
            return row.where(*_begun(user_id)), (WatchProgress.updated_at.desc(), Content.id)
        case "watchlist":
            row = row.join(WatchlistEntry, WatchlistEntry.content_id == Content.id)
            order = (WatchlistEntry.added_at.desc(), Content.id)
            return row.where(WatchlistEntry.user_id == user_id), order
        case "recently_added":
            if as_of is not None:
                row = row.where(Content.created_at <= as_of)
            return row, (Content.created_at.desc(), Content.title, Content.id)
        case "trending":
            row = row.join(ContentView, ContentView.content_id == Content.id)
            return row.where(*_recent(as_of)).group_by(Content.id), (func.count().desc(), Content.id)
        case "main_event":
            broadcast = Content.content_type.in_(_BROADCASTS)
            return row.where(Content.event_type == "main_event", broadcast), _BY_AGE
        case _:
            return row.where(_has_best_hands()), _BY_AGE


def _begun(user_id: uuid.UUID) -> tuple[SQLColumnExpression[bool], ...]:
    return (
        WatchProgress.user_id == user_id,
        IS_BEGUN,
        WatchProgress.dismissed_at.is_(None),
    )


def _recent(as_of: dt.datetime | None) -> list[SQLColumnExpression[bool]]:
    until = func.now() if as_of is None else literal(as_of, DateTime(timezone=True))
    recent: list[SQLColumnExpression[bool]] = [
        ContentView.viewed_at > until - func.make_interval(0, 0, 0, _TRENDING_DAYS)
    ]
    if as_of is not None:
        recent.append(ContentView.viewed_at <= as_of)
    return recent


def _has_best_hands() -> SQLColumnExpression[bool]:
    return or_(
        exists().where(Hand.content_id == Content.id, Hand.is_best),
        Content.content_type.in_(["best_of", "hand_clip"]),
    )


def _rows_of_series() -> Select[Any]:
    series = _series()
    place = func.row_number().over(order_by=_TO_BEGIN_WITH).label("place")
    inside = (
        select(Content.id.label("content_id"), place)
        .where(Content.series_id == series.c.id, SHOWN)
        .order_by(*_TO_BEGIN_WITH)
        .limit(ROW)
        .lateral("inside")
    )
    row_id = (literal(f"{SERIES}:") + cast(series.c.id, Text)).label("id")
    return select(
        (len(ROW_NAMES) + series.c.place).label("rank"),
        inside.c.place,
        row_id,
        series.c.title,
        inside.c.content_id,
    ).select_from(series.join(inside, true()))


def _series() -> Any:
    """Select the series that have rows: the newest, then the largest of the others."""
    sizes = (
        select(Content.series_id, func.count().label("titles"))
        .where(SHOWN)
        .group_by(Content.series_id)
        .subquery("sizes")
    )
    order: list[Any] = [(sizes.c.titles >= FEW).desc(), Series.year.desc().nulls_last(), Series.title]
    age = func.row_number().over(order_by=order).label("age")
    aged = (
        select(Series.id, Series.title, sizes.c.titles, age)
        .join(sizes, sizes.c.series_id == Series.id)
        .subquery("aged")
    )
    newest = case((aged.c.age <= NEWEST, aged.c.age))
    place = func.row_number().over(order_by=[newest.nulls_last(), aged.c.titles.desc(), aged.c.title])
    ordered = select(aged, place.label("place")).subquery("ordered")
    return select(ordered).where(ordered.c.place <= NEWEST + BIGGEST).subquery("chosen_series")

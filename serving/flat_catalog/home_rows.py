"""The places of titles in the rows of the home page, in a single statement."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Numeric,
    Select,
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

from catalog_models.tables import Content, ContentView, Hand, Series, WatchProgress

# The most titles of a row.
ROW = 20
# The number of rows for series: the newest ones, and the largest of the others.
NEWEST, BIGGEST = 5, 3
# Series with fewer titles follow all others.
FEW = 4
# A title counts as begun after this many seconds.
BEGUN = 10.0

SHOWN = and_(Content.is_visible, Content.status == "ready")

_TRENDING_DAYS = 7
_NAMES = {
    "continue_watching": "Continue watching",
    "recently_added": "Recently added",
    "trending": "Trending this week",
    "main_event": "Main Event",
    "best_hands": "Best hands",
}
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
    views = func.count()
    chosen = (
        _row("continue_watching", WatchProgress.updated_at.desc(), Content.id)
        .join(WatchProgress, WatchProgress.content_id == Content.id)
        .where(
            WatchProgress.user_id == user_id,
            ~WatchProgress.completed,
            WatchProgress.progress_seconds >= BEGUN,
        ),
        _row("recently_added", Content.created_at.desc(), Content.title, Content.id),
        _row("trending", views.desc(), Content.id)
        .join(ContentView, ContentView.content_id == Content.id)
        .where(ContentView.viewed_at > func.now() - func.make_interval(0, 0, 0, _TRENDING_DAYS))
        .group_by(Content.id),
        _row("main_event", *_BY_AGE).where(
            Content.event_type == "main_event", Content.content_type.in_(_BROADCASTS)
        ),
        _row("best_hands", *_BY_AGE).where(
            or_(
                exists().where(Hand.content_id == Content.id, Hand.is_best),
                Content.content_type.in_(["best_of", "hand_clip"]),
            )
        ),
    )
    parts = [part.limit(ROW).subquery(name) for name, part in zip(_NAMES, chosen, strict=True)]
    return union_all(*(select(part) for part in parts), _rows_of_series())


def _row(row_id: str, *order: Any) -> Select[Any]:
    rank = list(_NAMES).index(row_id)
    place = func.row_number().over(order_by=order).label("place")
    columns = (literal(row_id).label("id"), literal(_NAMES[row_id]).label("title"))
    row = select(literal(rank).label("rank"), place, *columns, Content.id.label("content_id"))
    return row.where(SHOWN).order_by(*order)


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
    row_id = (literal("series:") + cast(series.c.id, Text)).label("id")
    return select(
        (len(_NAMES) + series.c.place).label("rank"),
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

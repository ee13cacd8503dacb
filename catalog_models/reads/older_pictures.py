"""Files whose pictures an older version of the program made."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from catalog_models.scope import Scope, within
from catalog_models.tables import Content, ContentView, MediaFile, Thumbnail

# The number of days whose views count.
_DAYS = 90


def older_pictures(session: Session, scope: Scope | None, generator: int, limit: int) -> list[uuid.UUID]:
    """Return at most `limit` files whose pictures are older than `generator`, the most viewed titles first.

    Titles with as many views follow from the newest to the oldest. Files whose pictures are due are left out.
    """
    since = func.now() - dt.timedelta(days=_DAYS)
    views = (
        select(ContentView.content_id, func.count().label("count"))
        .where(ContentView.viewed_at > since)
        .group_by(ContentView.content_id)
        .subquery("views")
    )
    query = _older(scope, generator).outerjoin(views, views.c.content_id == Content.id)
    order = (
        Content.is_visible.desc(),
        views.c.count.desc().nulls_last(),
        Content.created_at.desc(),
        MediaFile.id,
    )
    return list(session.scalars(query.order_by(*order).limit(limit)))


def count_older_pictures(session: Session, scope: Scope | None, generator: int) -> int:
    """Return the number of files whose pictures are older than `generator`."""
    return session.scalar(select(func.count()).select_from(_older(scope, generator).subquery("older"))) or 0


def _older(scope: Scope | None, generator: int) -> Select[tuple[uuid.UUID]]:
    return (
        select(MediaFile.id)
        .join(Thumbnail, (Thumbnail.media_file_id == MediaFile.id) & (Thumbnail.kind == "poster"))
        .join(Content, Content.best_file_id == MediaFile.id)
        .where(
            within(scope),
            Thumbnail.generator < generator,
            MediaFile.thumbnails_at.is_not(None),
            MediaFile.missing_since.is_(None),
            MediaFile.quarantined_at.is_(None),
        )
    )

"""`/api/users/me/history`: the titles that a viewer watched, by day."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import Date, Select, cast, func, select
from sqlalchemy.exc import DataError

from catalog_models.tables import Content, ContentView
from catalog_models.writes import content_views
from serving.flat_catalog.personal_schemas import History, HistoryQuery, HistoryTitle
from serving.flat_catalog.watch_state import CHANGE
from serving.http.errors import CHANGING, SIGNED_IN, RequestInvalidError, documented
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.transaction import Work
from serving.kernel.viewer import SignedIn
from serving.titles.content_id import ContentId
from serving.titles.lists import listed_title, rows_of
from serving.titles.viewing import fill_viewing

router = api_router("watching", "/users/me")


@router.get("/history", summary="List my history", responses=documented(RequestInvalidError, *SIGNED_IN))
async def get_history(viewer: SignedIn, query: Annotated[HistoryQuery, Query()], session: Session) -> History:
    """Return the titles that the viewer watched, each once for each day.

    A title is included as soon as its view counts: after 30 seconds, or a tenth of its bytes.
    """
    days = history_of(viewer.user_id, query.timezone)
    try:
        total = await session.scalar(select(func.count()).select_from(days.subquery("days")))
        order = (func.max(ContentView.viewed_at).desc(), ContentView.content_id)
        found = await session.execute(days.order_by(*order).limit(query.limit).offset(query.offset))
    except DataError:
        raise RequestInvalidError(f"timezone: no time zone is named {query.timezone}") from None
    page = found.all()
    titles = {row[0].id: listed_title(*row) for row in await rows_of(session, [key for key, _, _ in page])}
    await fill_viewing(session, viewer.user_id, titles.values())
    items = [
        HistoryTitle(**titles[key].model_dump(), viewed_on=day, viewed_at=viewed_at)
        for key, day, viewed_at in page
        if key in titles
    ]
    return History(items=items, total=total or 0, limit=query.limit, offset=query.offset)


def history_of(user_id: uuid.UUID, timezone: str) -> Select[Any]:
    """Select the visible titles that a user watched each day, with the time of the last view that day."""
    day = cast(func.timezone(timezone, ContentView.viewed_at), Date)
    return (
        select(
            ContentView.content_id, day.label("viewed_on"), func.max(ContentView.viewed_at).label("viewed_at")
        )
        .join(Content, Content.id == ContentView.content_id)
        .where(ContentView.user_id == user_id, Content.is_visible)
        .group_by(ContentView.content_id, "viewed_on")
    )


@router.delete(
    "/history", status_code=204, summary="Clear my history", responses=documented(*SIGNED_IN, *CHANGING)
)
async def clear_history(viewer: SignedIn, work: Work) -> None:
    """Remove all titles from the history of the viewer. Positions and watched titles stay as they are."""
    await work.run(content_views.forget, viewer.user_id)


@router.delete(
    "/history/{content_id}",
    status_code=204,
    summary="Remove a title from my history",
    responses=CHANGE,
)
async def remove_from_history(viewer: SignedIn, content_id: ContentId, work: Work) -> None:
    """Remove a title from all days of the history. The position in it is kept."""
    await work.run(content_views.forget, viewer.user_id, content_id)

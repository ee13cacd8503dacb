"""`/api/users/me/list`: the titles that a viewer wants to watch."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from sqlalchemy import func, select

from catalog_models.tables import Content, WatchlistEntry
from catalog_models.writes import watchlist
from serving.flat_catalog.home_route import drop_home
from serving.flat_catalog.personal_schemas import PersonalQuery, Watchlist, WatchlistTitle
from serving.flat_catalog.watch_state import CHANGE, read_duration
from serving.http.errors import SIGNED_IN, RequestInvalidError, documented
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.transaction import Begin
from serving.kernel.viewer import SignedIn
from serving.titles.content_id import ContentId
from serving.titles.lists import listed_title, rows_of
from serving.titles.viewing import fill_viewing

router = api_router("watching", "/users/me")


@router.get("/list", summary="List my titles", responses=documented(RequestInvalidError, *SIGNED_IN))
async def get_list(viewer: SignedIn, query: Annotated[PersonalQuery, Query()], session: Session) -> Watchlist:
    """Return the titles in the list of the viewer, including those that are still being prepared."""
    entries = (
        select(WatchlistEntry.content_id, WatchlistEntry.added_at)
        .join(Content, Content.id == WatchlistEntry.content_id)
        .where(WatchlistEntry.user_id == viewer.user_id, Content.is_visible)
    )
    total = await session.scalar(select(func.count()).select_from(entries.subquery("entries")))
    order = (WatchlistEntry.added_at.desc(), WatchlistEntry.content_id)
    page = entries.order_by(*order).limit(query.limit).offset(query.offset)
    added = dict((await session.execute(page)).tuples().all())
    items = [
        WatchlistTitle(**listed_title(*row).model_dump(), added_at=added[row[0].id])
        for row in await rows_of(session, list(added))
    ]
    await fill_viewing(session, viewer.user_id, items)
    return Watchlist(items=items, total=total or 0, limit=query.limit, offset=query.offset)


@router.put("/list/{content_id}", status_code=204, summary="Add a title to my list", responses=CHANGE)
async def add_to_list(request: Request, viewer: SignedIn, content_id: ContentId, begin: Begin) -> None:
    """Add a title to the list of the viewer. A title that is already there keeps its place."""
    async with begin() as work:
        await read_duration(work.session, content_id)
        await work.run(watchlist.add, viewer.user_id, content_id)
    await drop_home(request.state.context, viewer.user_id)


@router.delete("/list/{content_id}", status_code=204, summary="Remove a title from my list", responses=CHANGE)
async def remove_from_list(request: Request, viewer: SignedIn, content_id: ContentId, begin: Begin) -> None:
    """Remove a title from the list of the viewer. May be repeated."""
    async with begin() as work:
        await work.run(watchlist.remove, viewer.user_id, content_id)
    await drop_home(request.state.context, viewer.user_id)

"""`GET /api/home`: cached in L1 for each viewer, dropped when a title or the watch progress changes.

`GET /api/home/rows/{row_id}` reads further pages of a row, which are not cached.
"""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.routing import Route

from orchestration.bus import Subscription
from orchestration.events import (
    CacheCleared,
    ContentCreated,
    ContentDeleted,
    ContentUpdated,
    Event,
    ProgressSaved,
)
from serving.flat_catalog.home import RowNotFoundError, page_of_row, rows_for
from serving.flat_catalog.home_schemas import Home, RowPage, RowQuery
from serving.http.errors import SIGNED_IN, RequestInvalidError, documented
from serving.kernel.context import Context
from serving.kernel.l1 import L1
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.viewer import SignedIn, viewer_of

HOME = "home:rows"
# In seconds. After a lost event, rows are up to date again after this time.
KEPT = 300


router = api_router("catalogue")


@router.get(
    "/home",
    summary="Get the rows of the home page",
    response_model=Home,
    responses=documented(*SIGNED_IN),
)
async def get_home(request: Request, viewer: SignedIn) -> Response:
    """Return the rows of titles for the viewer.

    They are cached for at most five minutes, and recomputed when titles or the watch progress change.
    """
    context: Context = request.state.context
    person = str(viewer.user_id)
    found = await context.l1.get(HOME, person)
    body = found.value
    if body is None:
        async with AsyncSession(context.resources.engine) as session:
            body = (await rows_for(session, viewer.user_id)).model_dump_json().encode()
        await context.l1.fill(HOME, person, found.ticket, body, KEPT)
    return Response(body, media_type="application/json")


@router.get(
    "/home/rows/{row_id}",
    summary="Get a row of the home page",
    responses=documented(RowNotFoundError, RequestInvalidError, *SIGNED_IN),
)
async def get_row(
    viewer: SignedIn,
    row_id: Annotated[str, Path(description="The id of a row of `GET /api/home`.", examples=["trending"])],
    query: Annotated[RowQuery, Query()],
    session: Session,
) -> RowPage:
    """Return a page of a row, to show more than its first 20 titles."""
    return await page_of_row(session, row_id, query, viewer.user_id)


async def drop_home(context: Context, user_id: uuid.UUID) -> None:
    """Drop the cached rows of a viewer, after the commit of a change that they show."""
    await context.l1.drop(HOME, str(user_id))


async def _respond(request: Request) -> Response:
    return await get_home(request, await viewer_of(request))


# Bypasses FastAPI, whose dependency injection takes longer than the read from Redis.
quick = Route("/api/home", _respond, methods=["GET"])


def subscription(l1: L1) -> Subscription:
    """Return the subscription that drops cached rows after changes."""

    async def handle(event: Event) -> None:
        await l1.drop(HOME, str(event.user_id) if isinstance(event, ProgressSaved) else None)

    async def after_gap() -> None:
        await l1.drop(HOME)

    kinds = (ContentCreated, ContentUpdated, ContentDeleted, ProgressSaved, CacheCleared)
    return Subscription("home rows", kinds, handle, after_gap)

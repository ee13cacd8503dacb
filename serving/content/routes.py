"""`GET /api/contents/{content_id}` and its hands."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from serving.content.queries import list_hands, read_title
from serving.content.schemas import Hands, HandsQuery, Title
from serving.http.errors import SIGNED_IN, RequestInvalidError, documented
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.viewer import SignedIn
from serving.titles.content_id import ContentId, ContentNotFoundError

router = api_router("catalogue")


@router.get(
    "/contents/{content_id}",
    summary="Get a title",
    responses=documented(ContentNotFoundError, *SIGNED_IN),
)
async def get_content(viewer: SignedIn, content_id: ContentId, session: Session) -> Title:
    """Return a title with its series, hands and files, and why one of the files was chosen to play."""
    return await read_title(session, content_id, viewer)


@router.get(
    "/contents/{content_id}/hands",
    summary="List the hands of a title",
    responses=documented(ContentNotFoundError, RequestInvalidError, *SIGNED_IN),
)
async def get_hands(
    _: SignedIn, content_id: ContentId, query: Annotated[HandsQuery, Query()], session: Session
) -> Hands:
    """List the hands that are played in a title, in order."""
    return await list_hands(session, content_id, query)

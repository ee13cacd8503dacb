"""`GET /api/contents`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from serving.errors import SIGNED_IN, RequestInvalidError, documented
from serving.flat_catalog.queries import list_titles
from serving.flat_catalog.schemas import Selection, Titles
from serving.session import Session
from serving.viewer import SignedIn

router = APIRouter(tags=["catalogue"])


@router.head("/contents", include_in_schema=False)
@router.get(
    "/contents",
    summary="List titles",
    responses=documented(RequestInvalidError, *SIGNED_IN),
)
async def list_contents(_: SignedIn, selection: Annotated[Selection, Query()], session: Session) -> Titles:
    """Visible titles, a page at a time: what plays, unless asked for otherwise."""
    return await list_titles(session, selection)

"""`GET /api/contents`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from serving.errors import DatabaseUnavailableError, RequestInvalidError, documented
from serving.flat_catalog.queries import list_titles
from serving.flat_catalog.schemas import Selection, Titles
from serving.session import Session

router = APIRouter(tags=["catalogue"])


@router.head("/contents", include_in_schema=False)
@router.get(
    "/contents",
    summary="List titles",
    responses=documented(RequestInvalidError, DatabaseUnavailableError),
)
async def list_contents(selection: Annotated[Selection, Query()], session: Session) -> Titles:
    """Visible titles, a page at a time: what plays, unless asked for otherwise."""
    return await list_titles(session, selection)

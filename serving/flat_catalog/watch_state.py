"""`/api/users/me/watched`, `/continue-watching` and `/progress`: changes of viewers to their own progress."""

from __future__ import annotations

import uuid

from fastapi import Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.tables import Content
from catalog_models.writes import watch_progress
from serving.flat_catalog.home_route import drop_home
from serving.http.errors import CHANGING, SIGNED_IN, documented
from serving.kernel.routes import api_router
from serving.kernel.transaction import Begin
from serving.kernel.viewer import SignedIn
from serving.titles.content_id import ContentId, ContentNotFoundError

router = api_router("watching", "/users/me")

CHANGE = documented(ContentNotFoundError, *SIGNED_IN, *CHANGING)
"""The errors of routes that change the state of a title for a viewer."""


async def read_duration(session: AsyncSession, content_id: uuid.UUID) -> float | None:
    """Return the duration of a visible title in seconds. Raises `ContentNotFoundError`."""
    wanted = select(Content.duration_seconds).where(Content.id == content_id, Content.is_visible)
    row = (await session.execute(wanted)).one_or_none()
    if row is None:
        raise ContentNotFoundError
    duration: float | None = row[0]
    return duration


@router.put("/watched/{content_id}", status_code=204, summary="Mark a title as watched", responses=CHANGE)
async def mark_watched(request: Request, viewer: SignedIn, content_id: ContentId, begin: Begin) -> None:
    """Mark a title as watched, which removes it from "continue watching". Its position is kept."""
    async with begin() as work:
        await read_duration(work.session, content_id)
        await work.run(watch_progress.mark_watched, viewer.user_id, content_id)
    await drop_home(request.state.context, viewer.user_id)


@router.delete(
    "/watched/{content_id}", status_code=204, summary="Mark a title as not watched", responses=CHANGE
)
async def mark_unwatched(request: Request, viewer: SignedIn, content_id: ContentId, begin: Begin) -> None:
    """Mark a title as not watched.

    This undoes `PUT`: the position is kept. A position in the last tenth of the title becomes 0.
    """
    async with begin() as work:
        duration = await read_duration(work.session, content_id)
        await work.run(watch_progress.mark_unwatched, viewer.user_id, content_id, duration)
    await drop_home(request.state.context, viewer.user_id)


@router.delete(
    "/continue-watching/{content_id}",
    status_code=204,
    summary="Remove a title from continue watching",
    responses=CHANGE,
)
async def dismiss(request: Request, viewer: SignedIn, content_id: ContentId, begin: Begin) -> None:
    """Remove a title from "continue watching", until it is played again. Position and history are kept."""
    async with begin() as work:
        await work.run(watch_progress.set_dismissed, viewer.user_id, content_id, dismissed=True)
    await drop_home(request.state.context, viewer.user_id)


@router.put(
    "/continue-watching/{content_id}",
    status_code=204,
    summary="Put a title back into continue watching",
    responses=CHANGE,
)
async def restore(request: Request, viewer: SignedIn, content_id: ContentId, begin: Begin) -> None:
    """Undo the removal of a title from "continue watching". Other titles stay as they are."""
    async with begin() as work:
        await read_duration(work.session, content_id)
        await work.run(watch_progress.set_dismissed, viewer.user_id, content_id, dismissed=False)
    await drop_home(request.state.context, viewer.user_id)


@router.delete(
    "/progress/{content_id}", status_code=204, summary="Reset the progress in a title", responses=CHANGE
)
async def reset_progress(request: Request, viewer: SignedIn, content_id: ContentId, begin: Begin) -> None:
    """Delete the position of the viewer in a title, and whether they watched it. The history is kept."""
    async with begin() as work:
        await work.run(watch_progress.reset, viewer.user_id, content_id)
    await drop_home(request.state.context, viewer.user_id)

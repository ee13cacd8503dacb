"""`POST /api/stream/{content_id}/start`, `/heartbeat`, `/progress` and `/end`: the life of a playback
session."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from typing import Annotated

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from catalog_models.writes import watch_progress
from orchestration.contracts import (
    ADMIT,
    LOCATE,
    RELEASE,
    RENEW,
    Admission,
    Release,
    Renewal,
    Slot,
    Source,
    Viewer,
    Wanted,
)
from orchestration.events import ProgressSaved
from serving.http.errors import CHANGING, SIGNED_IN, RequestInvalidError, documented
from serving.kernel.block import state_of
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.transaction import Work
from serving.kernel.viewer import SignedIn, device_of
from serving.stream import schemas
from serving.stream.schemas import (
    EndRequest,
    Heartbeat,
    HeartbeatRequest,
    ProgressRequest,
    Started,
    StartRequest,
)
from serving.stream.sessions.playback_urls import PlaybackGrant, lifetime, sign
from serving.stream.sessions.queries import check_owner, read_duration, read_progress
from serving.stream.sessions.state import StreamState
from serving.titles.content_id import ContentId, ContentNotFoundError
from serving.titles.playback_errors import (
    FileMissingError,
    NotPlayableError,
    PlaybackEndedError,
    PlaybackNotFoundError,
    QueueFullError,
    StreamLimitError,
)

router = api_router("stream", "/stream/{content_id}")

_COMMON = (RequestInvalidError, *SIGNED_IN, *CHANGING, ContentNotFoundError, PlaybackNotFoundError)


async def _state(request: Request) -> StreamState:
    state: StreamState = state_of(request, "stream")
    return state


State = Annotated[StreamState, Depends(_state)]


@router.post(
    "/start",
    status_code=201,
    summary="Open a playback session, or ask again for one that waits",
    responses=documented(
        *_COMMON, FileMissingError, NotPlayableError, PlaybackEndedError, StreamLimitError, QueueFullError
    ),
)
async def start(
    request: Request,
    content_id: ContentId,
    viewer: SignedIn,
    state: State,
    session: Session,
    wanted: StartRequest | None = None,
) -> Started:
    """A place among the players, and a signed URL for a `<video>`; or a position in the queue for one.

    A place is a lease: bytes and heartbeats hold it. Ask again every `heartbeat_seconds` while waiting, else
    the position is lost. Who plays as much as one person may is told what that is, and may take the place of
    one of them over.
    """
    wanted = wanted or StartRequest()
    progress = await read_progress(session, viewer.user_id, content_id)
    # A request that holds one connection and waits for another could wait for itself.
    await session.close()
    ask, asked_at = state.context.registry.ask, time.monotonic()
    source = await ask(LOCATE, Wanted(content_id))
    device = wanted.device or device_of(request)
    slot = await ask(ADMIT, Admission(viewer, content_id, device, wanted.playback_id, wanted.take_over))
    if wanted.take_over is not None and wanted.take_over != slot.playback_id:
        await state.sessions.finish(wanted.take_over, PlaybackEndedError("taken_over"))
    if slot.position == 0:
        state.sessions.add(slot, source, asked_at)
    return _started(state, slot, source, 0.0 if progress.completed else progress.seconds)


@router.post(
    "/heartbeat",
    summary="Hold the place of a player",
    responses=documented(*_COMMON, PlaybackEndedError, StreamLimitError, QueueFullError),
)
async def heartbeat(
    content_id: ContentId, viewer: SignedIn, state: State, work: Work, beat: HeartbeatRequest
) -> Heartbeat:
    """A sign of life, also of a player that is paused.

    A lease that ran out is taken again, if there is room.
    """
    slot = await state.context.registry.ask(RENEW, Renewal(beat.playback_id, viewer.user_id))
    if slot.content_id != content_id:
        raise PlaybackNotFoundError
    if beat.position_seconds is not None:
        await _save(work, viewer, content_id, beat.position_seconds)
    return Heartbeat(
        playback_id=slot.playback_id,
        state="waiting" if slot.position else "playing",
        position=slot.position,
        heartbeat_seconds=slot.lease_seconds / 3,
        lease_seconds=slot.lease_seconds,
    )


@router.post("/progress", summary="Store how far somebody came", responses=documented(*_COMMON))
async def progress(
    content_id: ContentId, viewer: SignedIn, work: Work, reached: ProgressRequest
) -> schemas.Progress:
    """For the next time, on any device. What lies behind the title's end is its end; 0 changes nothing."""
    if reached.playback_id is not None:
        await check_owner(work.session, reached.playback_id, viewer.user_id, content_id)
    return await _save(work, viewer, content_id, reached.position_seconds)


async def _beacon(request: Request) -> EndRequest:
    """Return the body whatever its content type: `navigator.sendBeacon` sends text."""
    try:
        return EndRequest.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from None


@router.post(
    "/end",
    status_code=204,
    summary="Give the place of a player back",
    responses=documented(*_COMMON),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                kind: {"schema": EndRequest.model_json_schema()}
                for kind in ("application/json", "text/plain")
            },
        }
    },
)
async def end(
    content_id: ContentId,
    viewer: SignedIn,
    state: State,
    session: Session,
    work: Work,
    done: Annotated[EndRequest, Depends(_beacon)],
) -> None:
    """Also for `navigator.sendBeacon`, whose JSON comes as `text/plain`.

    One that is over already stays so.
    """
    await check_owner(session, done.playback_id, viewer.user_id, content_id)
    await session.close()
    await state.context.registry.ask(RELEASE, Release(viewer.user_id, done.playback_id, "ended"))
    await state.sessions.finish(done.playback_id, PlaybackEndedError())
    if done.position_seconds is not None:
        await _save(work, viewer, content_id, done.position_seconds)


async def _save(work: Work, viewer: Viewer, content_id: uuid.UUID, seconds: float) -> schemas.Progress:
    duration = await read_duration(work.session, content_id)
    if seconds == 0:
        known = await read_progress(work.session, viewer.user_id, content_id)
        return schemas.Progress.model_validate(known)
    saved = await work.run(watch_progress.store, viewer.user_id, content_id, seconds, duration)
    work.announce(ProgressSaved(viewer.user_id, content_id))
    return schemas.Progress.model_validate(saved)


def _started(state: StreamState, slot: Slot, source: Source, progress_seconds: float) -> Started:
    waits = slot.position > 0
    expires_at = int(time.time()) + lifetime(source.duration_seconds)
    signature = sign(PlaybackGrant(slot.playback_id, slot.content_id, slot.user_id, expires_at), state.key)
    return Started(
        playback_id=slot.playback_id,
        state="waiting" if waits else "playing",
        position=slot.position,
        playback_url=None if waits else f"/api/stream/{slot.content_id}?playback={signature}",
        expires_at=None if waits else dt.datetime.fromtimestamp(expires_at, dt.UTC),
        heartbeat_seconds=slot.lease_seconds / 3,
        lease_seconds=slot.lease_seconds,
        tier=source.tier,
        progress_seconds=progress_seconds,
    )

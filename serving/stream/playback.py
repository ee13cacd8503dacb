"""`POST /api/stream/{content_id}/start`, `/heartbeat`, `/progress` and `/end`: playback sessions."""

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
    summary="Start a playback session",
    responses=documented(
        *_COMMON, FileMissingError, NotPlayableError, PlaybackEndedError, StreamLimitError, QueueFullError
    ),
)
async def start_playback(
    request: Request,
    content_id: ContentId,
    viewer: SignedIn,
    state: State,
    session: Session,
    wanted: StartRequest | None = None,
) -> Started:
    """Open a playback session.

    Returns a slot and a signed URL for a `<video>` element, or a position in the queue.

    A slot is a lease, which heartbeats and transferred bytes renew. While waiting, repeat this request with
    the `playback_id` every `heartbeat_seconds`, otherwise the position is lost. If the account already has as
    many sessions as allowed, the error lists them; `take_over` replaces one of them.
    """
    wanted = wanted or StartRequest()
    progress = await read_progress(session, viewer.user_id, content_id)
    # A request that holds one connection while it waits for another could wait for itself.
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
    summary="Send a heartbeat",
    responses=documented(*_COMMON, PlaybackEndedError, StreamLimitError, QueueFullError),
)
async def send_heartbeat(
    content_id: ContentId, viewer: SignedIn, state: State, work: Work, beat: HeartbeatRequest
) -> Heartbeat:
    """Renew the lease of a playback session, playing or paused.

    If the lease has expired, the session gets a new one, or a position in the queue.
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


@router.post("/progress", summary="Save the watch progress", responses=documented(*_COMMON))
async def save_progress(
    content_id: ContentId, viewer: SignedIn, work: Work, reached: ProgressRequest
) -> schemas.SavedProgress:
    """Save the position, to continue on any device.

    A position beyond the end of the title is saved as its end. Position 0 is ignored.
    """
    if reached.playback_id is not None:
        await check_owner(work.session, reached.playback_id, viewer.user_id, content_id)
    return await _save(work, viewer, content_id, reached.position_seconds)


async def _beacon(request: Request) -> EndRequest:
    """Return the JSON body, whatever its content type: `navigator.sendBeacon` sends it as text."""
    try:
        return EndRequest.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from None


@router.post(
    "/end",
    status_code=204,
    summary="End a playback session",
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
async def end_playback(
    content_id: ContentId,
    viewer: SignedIn,
    state: State,
    session: Session,
    work: Work,
    done: Annotated[EndRequest, Depends(_beacon)],
) -> None:
    """End a playback session and release its slot. Ending it again has no effect.

    The JSON body may be sent as `text/plain`, as `navigator.sendBeacon` does.
    """
    await check_owner(session, done.playback_id, viewer.user_id, content_id)
    await session.close()
    await state.context.registry.ask(RELEASE, Release(viewer.user_id, done.playback_id, "ended"))
    await state.sessions.finish(done.playback_id, PlaybackEndedError())
    if done.position_seconds is not None:
        await _save(work, viewer, content_id, done.position_seconds)


async def _save(work: Work, viewer: Viewer, content_id: uuid.UUID, seconds: float) -> schemas.SavedProgress:
    duration = await read_duration(work.session, content_id)
    if seconds == 0:
        known = await read_progress(work.session, viewer.user_id, content_id)
        return schemas.SavedProgress.model_validate(known)
    saved = await work.run(watch_progress.store, viewer.user_id, content_id, seconds, duration)
    work.announce(ProgressSaved(viewer.user_id, content_id))
    return schemas.SavedProgress.model_validate(saved)


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

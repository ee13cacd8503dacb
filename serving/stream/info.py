"""`GET /api/stream/{content_id}/info`: the playback information of a title."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Literal

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from catalog_models.tables import Hand as HandRow
from catalog_models.tables import MediaFile
from orchestration.contracts import LOCATE, Source, Wanted
from serving.http.errors import SIGNED_IN, ApiError, ErrorCode, documented
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.viewer import SignedIn
from serving.stream.responses.files import media_type_of
from serving.stream.schemas import SavedProgress
from serving.stream.sessions.queries import read_hands, read_progress, read_title
from serving.stream.skip_zones import Division, Interval, divide
from serving.titles.closed_sets import PlayabilityReason, PlayabilityVerdict
from serving.titles.content_id import ContentId, ContentNotFoundError
from serving.titles.title import EXAMPLE_HAND, Hand, urls_of

router = api_router("stream", "/stream/{content_id}")


class Zone(BaseModel):
    """A skip zone: the time between two hands."""

    start_seconds: float
    end_seconds: float


class StreamInfo(BaseModel):
    """Whether and how a title plays, its hands and its skip zones.

    `hands` lists all hands, `best_hands` the selected ones. `skip_zones` are the gaps between hands; a title
    without hands has none. `action_seconds` is the duration without the skip zones.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "content_id": "5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11",
                "playable": True,
                "playability": "direct",
                "reasons": [],
                "why_not": None,
                "tier": "nas",
                "media_type": "video/mp4",
                "size": 17_179_869_184,
                "total_seconds": 7_200.0,
                "action_seconds": 181.5,
                "hands": [EXAMPLE_HAND],
                "best_hands": [EXAMPLE_HAND],
                "skip_zones": [
                    {"start_seconds": 0.0, "end_seconds": 3_723.5},
                    {"start_seconds": 3_905.0, "end_seconds": 7_200.0},
                ],
                "storyboard": "/api/contents/5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11/storyboard.jpg",
                "storyboard_index": "/api/contents/5f0c7a52-64a3-4a0e-9b1c-1f6d2b0a9c11/storyboard.vtt",
                "progress": {"progress_seconds": 120.0, "completed": False},
            }
        }
    )

    content_id: uuid.UUID
    playable: bool
    playability: PlayabilityVerdict | None = Field(description="The playability of the best file.")
    reasons: list[PlayabilityReason] = Field(
        description="Why the best file does not play as it is.", examples=[["video_codec:prores"]]
    )
    why_not: ErrorCode | None = Field(
        description="The code of the error that `POST …/start` would return now; null if the title plays."
    )
    tier: Literal["ssd", "nas"] | None
    media_type: str | None
    size: int | None
    total_seconds: float | None
    action_seconds: float | None
    hands: list[Hand]
    best_hands: list[Hand]
    skip_zones: list[Zone]
    storyboard: str | None
    storyboard_index: str | None = Field(
        description="A WebVTT file whose cues refer to areas of the storyboard."
    )
    progress: SavedProgress


@router.get(
    "/info",
    summary="Get the playback information of a title",
    responses=documented(*SIGNED_IN, ContentNotFoundError),
)
async def get_playback_info(
    request: Request, content_id: ContentId, viewer: SignedIn, session: Session
) -> StreamInfo:
    """Return whether and how a title plays. For a title that does not play, `why_not` gives the reason."""
    content, file, pictures = await read_title(session, content_id)
    rows = await read_hands(session, content_id)
    progress = await read_progress(session, viewer.user_id, content_id)
    await session.close()
    located = await _located(request, content_id)
    source, why_not = (None, located.code) if isinstance(located, ApiError) else (located, None)
    division = _divided(rows, content.duration_seconds)
    hands, urls = [Hand.model_validate(row) for row in rows], urls_of(content, pictures)
    return StreamInfo(
        content_id=content_id,
        playable=why_not is None,
        playability=file.playability if file else None,
        reasons=(file.playability_reasons or []) if file else [],
        why_not=why_not,
        tier=source.tier if source else None,
        media_type=_media_type(source, file),
        size=_size(source, file),
        total_seconds=content.duration_seconds,
        action_seconds=division.action_seconds if division else None,
        hands=hands,
        best_hands=[hand for hand in hands if hand.is_best],
        skip_zones=[Zone(start_seconds=gap.start, end_seconds=gap.end) for gap in division.skip]
        if division
        else [],
        storyboard=urls.storyboard,
        storyboard_index=urls.storyboard_index,
        progress=SavedProgress.model_validate(progress),
    )


async def _located(request: Request, content_id: uuid.UUID) -> Source | ApiError:
    try:
        found: Source = await request.state.registry.ask(LOCATE, Wanted(content_id))
    except ApiError as error:
        return error
    return found


def _media_type(source: Source | None, file: MediaFile | None) -> str | None:
    if file is None:
        return None
    return media_type_of(source.container if source else file.container)


def _size(source: Source | None, file: MediaFile | None) -> int | None:
    if source is not None and source.state is not None:
        return source.state[0]
    return file.size if file else None


def _divided(rows: Sequence[HandRow], duration: float | None) -> Division | None:
    """Return the division of a title, or None if its duration is unknown."""
    if duration is None:
        return None
    return divide((Interval(row.start_seconds, row.end_seconds) for row in rows), duration)

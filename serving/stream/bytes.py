"""`GET` and `HEAD /api/stream/{content_id}`."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import WithJsonSchema
from starlette.routing import Route

from orchestration.contracts import Credentials, Source
from serving.http.conditional import Conditions, joined
from serving.http.errors import SIGNED_IN, PreconditionFailedError, documented
from serving.kernel.block import state_of
from serving.kernel.routes import api_router
from serving.kernel.viewer import Bearer, Cookie, address_of, read_tokens, token_of
from serving.stream.accel import is_offered
from serving.stream.access import Access, SessionOverError, access
from serving.stream.devices import device_of
from serving.stream.errors import (
    FileUnreadableError,
    RangeNotSatisfiableError,
    UrlForeignError,
    UrlInvalidError,
    WaitingError,
)
from serving.stream.lane import Left
from serving.stream.plan import Asked
from serving.stream.playing import Playing
from serving.stream.reading import FileReplacedError, Prepared, check_there, prepare_again, prepare_somewhere
from serving.stream.response import answer
from serving.stream.signing import Grant
from serving.stream.state import StreamState
from serving.titles.content_id import ContentId, ContentNotFoundError, read_content_id
from serving.titles.playback_errors import (
    FileMissingError,
    NotPlayableError,
    PlaybackEndedError,
    PlaybackNotFoundError,
    QueueFullError,
    StreamLimitError,
)

router = api_router("stream")

_HEADERS = {
    "Range": "bytes=0-1023",
    "If-Range": '"66d0c1aa-3b9aca00"',
    "If-Match": '"66d0c1aa-3b9aca00"',
    "If-None-Match": '"66d0c1aa-3b9aca00"',
    "If-Modified-Since": "Thu, 29 Aug 2024 18:44:58 GMT",
    "If-Unmodified-Since": "Thu, 29 Aug 2024 18:44:58 GMT",
}
_BYTES = {"video/*": {"schema": {"type": "string", "format": "binary"}}}
_DOCUMENTED: dict[str, Any] = {
    "response_class": Response,
    "responses": {
        200: {"content": _BYTES, "description": "The whole file"},
        206: {
            "content": _BYTES | {"multipart/byteranges": {"schema": {"type": "string", "format": "binary"}}},
            "description": "The bytes that Range asks for",
        },
        304: {"description": "The client has it already"},
        **documented(
            *SIGNED_IN,
            UrlInvalidError,
            UrlForeignError,
            ContentNotFoundError,
            FileMissingError,
            PlaybackNotFoundError,
            NotPlayableError,
            PlaybackEndedError,
            PreconditionFailedError,
            RangeNotSatisfiableError,
            StreamLimitError,
            WaitingError,
            QueueFullError,
            FileUnreadableError,
        ),
    },
    "openapi_extra": {
        "parameters": [
            {"name": name, "in": "header", "schema": {"type": "string"}, "example": example}
            for name, example in _HEADERS.items()
        ]
    },
}

Signature = Annotated[
    str | None,
    Query(description="of a `playback_url`; no token is needed then, and no other part may change"),
    # Only described: what does not match is refused as any signature that is not valid.
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_-]{118}==$"}),
]


@router.get(
    "/stream/{content_id}",
    summary="The bytes of the file that plays",
    head_summary="What GET would answer, without the bytes",
    **_DOCUMENTED,
)
async def stream(
    request: Request, content_id: ContentId, bearer: Bearer, cookie: Cookie, playback: Signature = None
) -> Response:
    """Byte ranges and conditional requests by RFC 9110; the entity tag is the file's change time and size.

    The bytes flow to a playback session: that of `playback_url`, or one of this title and sign-in, which is opened if
    there is none. HEAD ignores Range (§14.2) and takes no slot.
    """
    state: StreamState = state_of(request, "stream")
    shown = Credentials(token_of(request, bearer, cookie), address_of(request), "bytes")
    asking = await access(state, content_id, playback, shown)
    playing = asking.playing()
    source = playing.source if playing else await asking.locate()
    if request.method == "HEAD":
        await asking.check()
        source, prepared = await prepare_somewhere(source, _asked(request), state.readers)
        return answer(prepared, source, state, playing)
    try:
        return await _send(request, asking, source, playing)
    except SessionOverError as over:
        # A program that named no session gets a new one, if a different entity tag shows it that the bytes
        # changed.
        if isinstance(asking.by, Grant) or not over.told:
            raise PlaybackEndedError("changed") from None
    try:
        return await _send(request, asking, await asking.locate(), None)
    except SessionOverError:
        # It was replaced once more, at this moment.
        raise PlaybackEndedError("changed") from None


async def _send(request: Request, asking: Access, source: Source, playing: Playing | None) -> Response:
    state = asking.state
    if playing is None:
        await check_there(source, state.readers)  # a file that is gone takes nobody's slot
        playing = await asking.admitted(source, device_of(request))
    await state.now_playing.hold(playing)
    asked = _asked(request)
    if again := prepare_again(source, asked, playing.seen):
        prepared = again
    else:
        source, prepared = await _prepare(asking, asked, source, playing)
    playing.source, playing.seen = source, prepared.seen
    if prepared.plan.left and prepared.seen:
        request.state.left = Left(state, playing, source, prepared.seen)
    return answer(prepared, source, state, playing)


async def _prepare(asking: Access, asked: Asked, source: Source, playing: Playing) -> tuple[Source, Prepared]:
    """Open the file and plan. If it is not the one that the session began to play, end the session and raise
    `SessionOverError`."""
    readers = asking.state.readers
    try:
        try:
            source, prepared = await prepare_somewhere(source, asked, readers, playing.version)
        except FileMissingError:
            # The file may have moved since the session began.
            source = await asking.locate()
            source, prepared = await prepare_somewhere(source, asked, readers, playing.version)
        if prepared.seen is not None:
            await asking.note(playing, prepared.seen.version)
    except FileReplacedError as error:
        await asking.end_changed(playing)
        raise SessionOverError(error.told) from error
    return source, prepared


async def _answer(request: Request) -> Response:
    request.scope["route"] = quick
    content_id = await read_content_id(request.path_params["content_id"])
    bearer, cookie = await read_tokens(request)
    return await stream(request, content_id, bearer, cookie, request.query_params.get("playback"))


quick = Route("/api/stream/{content_id}", _answer, methods=["GET"])


def _asked(request: Request) -> Asked:
    lines = request.headers.getlist
    conditions, wanted = Conditions.read(lines), joined(lines("range"))
    return Asked(request.method, conditions, wanted, time.time(), is_offered(request))

"""`GET` and `HEAD /api/stream/{content_id}`: the bytes of the playing file."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import WithJsonSchema
from starlette.routing import Route

from orchestration.contracts import Credentials, Source
from serving.http.conditional import Conditions, joined
from serving.http.errors import SIGNED_IN, OriginRefusedError, PreconditionFailedError, documented
from serving.http.origin import linked_from_other_site
from serving.kernel.block import state_of
from serving.kernel.routes import api_router
from serving.kernel.viewer import Bearer, Cookie, address_of, device_of, read_tokens, token_of
from serving.stream.responses.files import (
    FileReplacedError,
    FileUnreadableError,
    PreparedResponse,
    check_file,
    prepare_again,
    prepare_from_any_tier,
)
from serving.stream.responses.nginx import nginx_offers
from serving.stream.responses.plan import BytesRequest, RangeNotSatisfiableError
from serving.stream.responses.transfer import respond
from serving.stream.sessions.access import Access, SessionEndedError, SessionRecipient, find_access
from serving.stream.sessions.active_session import ActiveSession
from serving.stream.sessions.playback_urls import PlaybackGrant, UrlForeignError, UrlInvalidError
from serving.stream.sessions.session_registry import StreamWaitingError
from serving.stream.sessions.state import StreamState
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
        200: {"content": _BYTES, "description": "The whole file."},
        206: {
            "content": _BYTES | {"multipart/byteranges": {"schema": {"type": "string", "format": "binary"}}},
            "description": "The bytes of the requested ranges.",
        },
        304: {"description": "The copy of the client is current."},
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
            StreamWaitingError,
            QueueFullError,
            FileUnreadableError,
            OriginRefusedError,
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
    Query(
        description="The signature of a `playback_url`, which replaces the token. It is valid for the "
        "unchanged URL only."
    ),
    # Only for the documentation: any other text is refused as an invalid signature.
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_-]{118}==$"}),
]


@router.get(
    "/stream/{content_id}",
    summary="Stream a title",
    head_summary="Get the headers of a stream",
    **_DOCUMENTED,
)
async def stream_title(
    request: Request, content_id: ContentId, bearer: Bearer, cookie: Cookie, playback: Signature = None
) -> Response:
    """Return the bytes of the playing file. Supports byte ranges and conditional requests (RFC 9110).

    The bytes belong to a playback session: that of the `playback_url`, or one of this title and sign-in,
    which is opened if necessary. The entity tag consists of the modification time and the size of the file.
    HEAD ignores Range (§14.2) and takes no slot.
    """
    # Browsers attach the cookie when a user follows a link, but another site must not take slots.
    if bearer is None and playback is None and linked_from_other_site(request):
        raise OriginRefusedError
    state: StreamState = state_of(request, "stream")
    credentials = Credentials(token_of(request, bearer, cookie), address_of(request), "bytes")
    access = await find_access(state, content_id, playback, credentials)
    active = access.active_session()
    source = active.source if active else await access.locate()
    if request.method == "HEAD":
        await access.check()
        source, prepared = await prepare_from_any_tier(source, _asked(request), state.readers)
        return respond(prepared, source, state.readers, None)
    try:
        return await _send(request, access, source, active)
    except SessionEndedError as over:
        # A client that named no session gets a new one, if a different entity tag shows it that the bytes
        # have changed.
        if isinstance(access.by, PlaybackGrant) or not over.tag_changed:
            raise PlaybackEndedError("changed") from None
    try:
        return await _send(request, access, await access.locate(), None)
    except SessionEndedError:
        # The file was replaced once more in the meantime.
        raise PlaybackEndedError("changed") from None


async def _send(request: Request, access: Access, source: Source, active: ActiveSession | None) -> Response:
    state = access.state
    if active is None:
        # Checked before admission: a missing file must take no slot.
        await check_file(source, state.readers)
        active = await access.admit(source, device_of(request))
    await state.sessions.hold(active)
    asked = _asked(request)
    prepared = prepare_again(source, asked, active.seen)
    if prepared is None:
        source, prepared = await _prepare(access, asked, source, active)
    active.open(source, prepared.seen)
    response = respond(prepared, source, state.readers, SessionRecipient(state, active))
    if prepared.plan.left and prepared.seen:
        state.redirects.keep(request.scope, response.raw_headers, active, source, prepared.seen)
    return response


async def _prepare(
    access: Access, asked: BytesRequest, source: Source, active: ActiveSession
) -> tuple[Source, PreparedResponse]:
    """Open the file and plan the response.

    If the file is not the one that the session began to play, end the session and raise `SessionEndedError`.
    """
    readers = access.state.readers
    try:
        try:
            source, prepared = await prepare_from_any_tier(source, asked, readers, active.version)
        except FileMissingError:
            # The file may have moved since the session began.
            source = await access.locate()
            source, prepared = await prepare_from_any_tier(source, asked, readers, active.version)
        if prepared.seen is not None:
            await access.store_version(active, prepared.seen.version)
    except FileReplacedError as error:
        await access.end_changed(active)
        raise SessionEndedError(error.tag_changed) from error
    return source, prepared


async def _respond(request: Request) -> Response:
    request.scope["route"] = quick
    content_id = await read_content_id(request.path_params["content_id"])
    bearer, cookie = await read_tokens(request)
    return await stream_title(request, content_id, bearer, cookie, request.query_params.get("playback"))


quick = Route("/api/stream/{content_id}", _respond, methods=["GET"])


def _asked(request: Request) -> BytesRequest:
    lines = request.headers.getlist
    conditions, wanted = Conditions.read(lines), joined(lines("range"))
    return BytesRequest(request.method, conditions, wanted, time.time(), nginx_offers(request))

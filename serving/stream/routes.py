"""`GET` and `HEAD /api/stream/{content_id}`."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from fastapi import APIRouter, Request, Response

from serving.conditional import Conditions, Validators, joined
from serving.errors import (
    SIGNED_IN,
    ContentNotFoundError,
    PreconditionFailedError,
    documented,
)
from serving.files import OpenFile, open_below
from serving.session import ContentId, Resources, Session, Shared
from serving.stream.errors import (
    FileMissingError,
    FileUnreadableError,
    NotPlayableError,
    RangeNotSatisfiableError,
)
from serving.stream.media_types import MEDIA_TYPES, UNKNOWN
from serving.stream.plan import Asked, Resource, plan_answer
from serving.stream.queries import Source, find_source
from serving.stream.response import PiecesResponse
from serving.viewer import SignedInForBytes

OPEN_DEADLINE = 10.0  # seconds until an archive that does not open a file counts as gone

router = APIRouter(tags=["stream"])

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
            ContentNotFoundError,
            FileMissingError,
            NotPlayableError,
            PreconditionFailedError,
            RangeNotSatisfiableError,
            *SIGNED_IN,
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


@router.head("/stream/{content_id}", summary="What GET would answer, without the bytes", **_DOCUMENTED)
@router.get("/stream/{content_id}", summary="The bytes of the file that plays", **_DOCUMENTED)
async def stream(
    request: Request, _: SignedInForBytes, content_id: ContentId, session: Session, resources: Shared
) -> Response:
    """Byte ranges and conditional requests by RFC 9110.

    The entity tag is the file's change time and size. HEAD ignores Range (§14.2).
    """
    source = await find_source(session, content_id)
    await session.close()  # a hung archive must not hold a connection of the database
    file = await _open(source, resources)
    try:
        now = time.time()
        asked = Asked(
            request.method,
            Conditions.read(request.headers.getlist),
            joined(request.headers.getlist("range")),
            now,
        )
        validators = Validators.of_file(file.mtime_ns, file.size, now)
        plan = plan_answer(
            asked, Resource(file.size, validators, MEDIA_TYPES.get(source.container or "", UNKNOWN))
        )
    except BaseException:
        file.close()
        raise
    return PiecesResponse(plan, file, resources, source.path_text)


async def _open(source: Source, resources: Resources) -> OpenFile:
    try:
        async with asyncio.timeout(OPEN_DEADLINE):
            return await resources.in_thread(open_below, source.root, source.path)
    except FileNotFoundError:
        raise FileMissingError(details={"path": source.path_text}) from None
    except TimeoutError:
        reason = f"no answer within {OPEN_DEADLINE:.0f} s"
    except OSError as error:
        reason = error.strerror or str(error)
    raise FileUnreadableError(details={"path": source.path_text, "reason": reason})

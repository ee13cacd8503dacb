"""The pictures of a title: poster, preview, storyboard and its index.

An address with the current version as `v` is immutable. One without it, or with an earlier one, responds with
the current picture.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from catalog_models.picture_files import poster_path, sheet_path
from serving.content.pictures import (
    MEDIA_TYPES,
    PictureNotFoundError,
    PictureNotMadeError,
    PictureUnreadableError,
    picture_response,
)
from serving.content.queries import StoredPicture, find_picture
from serving.http.errors import SIGNED_IN, PreconditionFailedError, RequestInvalidError, documented
from serving.kernel.resources import Resources, Session, Shared
from serving.kernel.routes import api_router
from serving.kernel.viewer import SignedInForPicture
from serving.titles.content_id import ContentId, ContentNotFoundError

router = api_router("catalogue")

Version = Annotated[
    str | None,
    Query(
        max_length=64,
        description="The `v` of the title's `poster`. With the current one, browsers keep the response for a year.",
        examples=["c1f5b24d0b7a80f4"],
    ),
]
Width = Annotated[
    str,
    Path(
        max_length=9,
        description="A width in pixels: one of the `widths` of the title's `poster`.",
        examples=["640"],
    ),
]
Sheet = Annotated[
    str, Path(max_length=9, description="The number of a sheet; the first one is 1.", examples=["1"])
]


def _picture(summary: str, *endings: str) -> dict[str, Any]:
    """Return the OpenAPI options of a route that responds with a picture."""
    errors = documented(
        ContentNotFoundError,
        PictureNotMadeError,
        PictureNotFoundError,
        PreconditionFailedError,
        PictureUnreadableError,
        RequestInvalidError,
        *SIGNED_IN,
    )
    media = {MEDIA_TYPES[ending]: {"schema": _schema(ending)} for ending in endings}
    return {
        "summary": summary,
        "response_class": Response,
        "responses": {
            200: {"content": media, "description": "The file."},
            304: {"description": "The copy of the client is current."},
            **errors,
        },
    }


def _schema(ending: str) -> dict[str, str]:
    return {"type": "string"} if ending == "vtt" else {"type": "string", "format": "binary"}


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """A request for a picture of a title, of a viewer who is signed in."""

    request: Request
    resources: Resources
    session: AsyncSession
    content_id: uuid.UUID
    v: str | None

    async def find(self, kind: str) -> StoredPicture:
        """Return a picture of the title. Raises `PictureNotMadeError` and `ContentNotFoundError`."""
        found = await find_picture(self.session, self.content_id, kind)
        if found is None:
            raise PictureNotMadeError
        return found

    async def respond(self, found: StoredPicture, path: str | None = None) -> Response:
        """Return a response with the picture, or with another file of it at this `path`."""
        current_since = found.stored_at if self.v is not None and self.v == found.version else None
        return await picture_response(self.request, self.resources, path or found.path, current_since)


async def _picture_request(
    request: Request,
    _: SignedInForPicture,
    content_id: ContentId,
    session: Session,
    resources: Shared,
    v: Version = None,
) -> PictureRequest:
    return PictureRequest(request, resources, session, content_id, v)


Wanted = Annotated[PictureRequest, Depends(_picture_request)]


@router.get(
    "/contents/{content_id}/poster/{width}.webp", **_picture("Get a poster in one of its widths", "webp")
)
async def get_poster_of_width(wanted: Wanted, width: Width) -> Response:
    """Return the best frame of the playing file, in the shape of the film.

    The `poster` of a title in a list gives the widths. No poster is wider than the film.
    """
    found = await wanted.find("poster")
    if found.widths is None:
        raise PictureNotMadeError
    return await wanted.respond(found, poster_path(found.path, _number(width, found.widths)))


@router.get("/contents/{content_id}/poster.jpg", **_picture("Get the poster of a title", "jpg"))
async def get_poster(wanted: Wanted) -> Response:
    """Return the best frame of the playing file, centred on a 640×360 JPEG."""
    return await wanted.respond(await wanted.find("poster"))


@router.get("/contents/{content_id}/preview.webp", **_picture("Get the preview of a title", "webp"))
async def get_preview(wanted: Wanted) -> Response:
    """Return frames from the whole film side by side, to be shown one after the other.

    Their number is `preview_frames` of the title's `poster`. Each shows an equal part of the film.
    """
    return await wanted.respond(await wanted.find("preview"))


@router.get(
    "/contents/{content_id}/storyboard/{sheet}.webp",
    **_picture("Get a sheet of the storyboard of a title", "webp"),
)
async def get_storyboard_sheet(wanted: Wanted, sheet: Sheet) -> Response:
    """Return a sheet of at most 100 tiles for the seek bar. The cues of `storyboard.vtt` refer to tiles."""
    found = await wanted.find("storyboard")
    if found.parts is None:
        raise PictureNotMadeError
    return await wanted.respond(found, sheet_path(found.path, _number(sheet, range(1, found.parts + 1))))


@router.get(
    "/contents/{content_id}/storyboard.jpg", **_picture("Get the storyboard of a title", "jpg", "webp")
)
async def get_storyboard(wanted: Wanted) -> Response:
    """Return the first sheet of the storyboard, for clients that do not follow `storyboard.vtt`.

    It is in WebP, or a JPEG with all tiles if an older version of the program made it.
    """
    return await wanted.respond(await wanted.find("storyboard"))


@router.get("/contents/{content_id}/storyboard.vtt", **_picture("Get the storyboard index of a title", "vtt"))
async def get_storyboard_index(wanted: Wanted) -> Response:
    """Return a WebVTT file whose cues refer to tiles: `storyboard/1.webp?v=…#xywh=320,0,320,180`."""
    return await wanted.respond(await wanted.find("storyboard_index"))


def _number(text: str, existing: Collection[int]) -> int:
    """Return the number in a path. Raises `PictureNotFoundError` if no picture has it."""
    for number in existing:
        if text == str(number):
            return number
    raise PictureNotFoundError(details={"existing": list(existing)})

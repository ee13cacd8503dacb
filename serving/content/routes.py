"""`GET /api/contents/{content_id}`, its hands and its pictures."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request, Response

from serving.content.pictures import PictureNotMadeError, PictureUnreadableError, picture_response
from serving.content.queries import find_picture, list_hands, read_title
from serving.content.schemas import Hands, HandsQuery, Title
from serving.http.errors import SIGNED_IN, PreconditionFailedError, RequestInvalidError, documented
from serving.kernel.resources import Session, Shared
from serving.kernel.routes import api_router
from serving.kernel.viewer import SignedIn, SignedInForPicture
from serving.titles.content_id import ContentId, ContentNotFoundError

router = api_router("catalogue")


def _picture(summary: str, media_type: str) -> dict[str, Any]:
    """Return the OpenAPI options of a route that responds with a picture."""
    errors = documented(
        ContentNotFoundError,
        PictureNotMadeError,
        PreconditionFailedError,
        PictureUnreadableError,
        *SIGNED_IN,
    )
    schema = {"type": "string", "format": "binary"} if media_type == "image/jpeg" else {"type": "string"}
    return {
        "summary": summary,
        "response_class": Response,
        "responses": {
            200: {"content": {media_type: {"schema": schema}}, "description": "The file."},
            304: {"description": "The copy of the client is current."},
            **errors,
        },
    }


@router.get(
    "/contents/{content_id}",
    summary="Get a title",
    responses=documented(ContentNotFoundError, *SIGNED_IN),
)
async def get_content(viewer: SignedIn, content_id: ContentId, session: Session) -> Title:
    """Return a title with its series, hands and files, and why one of the files was chosen to play."""
    return await read_title(session, content_id, viewer)


@router.get(
    "/contents/{content_id}/hands",
    summary="List the hands of a title",
    responses=documented(ContentNotFoundError, RequestInvalidError, *SIGNED_IN),
)
async def get_hands(
    _: SignedIn, content_id: ContentId, query: Annotated[HandsQuery, Query()], session: Session
) -> Hands:
    """List the hands that are played in a title, in order."""
    return await list_hands(session, content_id, query)


@router.get("/contents/{content_id}/poster.jpg", **_picture("Get the poster of a title", "image/jpeg"))
async def get_poster(
    request: Request, _: SignedInForPicture, content_id: ContentId, session: Session, resources: Shared
) -> Response:
    """Return a frame of the playing file as a 640×360 JPEG."""
    path = await find_picture(session, content_id, "poster")
    return await picture_response(request, resources, path, "image/jpeg")


@router.get(
    "/contents/{content_id}/storyboard.jpg", **_picture("Get the storyboard of a title", "image/jpeg")
)
async def get_storyboard(
    request: Request, _: SignedInForPicture, content_id: ContentId, session: Session, resources: Shared
) -> Response:
    """Return one JPEG with all preview pictures of a seek bar.

    `storyboard.vtt` gives the position of each.
    """
    path = await find_picture(session, content_id, "storyboard")
    return await picture_response(request, resources, path, "image/jpeg")


@router.get(
    "/contents/{content_id}/storyboard.vtt", **_picture("Get the storyboard index of a title", "text/vtt")
)
async def get_storyboard_index(
    request: Request, _: SignedInForPicture, content_id: ContentId, session: Session, resources: Shared
) -> Response:
    """Return a WebVTT file with a cue for each picture, such as `storyboard.jpg#xywh=320,0,320,180`."""
    path = await find_picture(session, content_id, "storyboard_index")
    return await picture_response(request, resources, path, "text/vtt")

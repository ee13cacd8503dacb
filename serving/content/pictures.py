"""Responses with posters and storyboards: small files, sent whole, with validators for browser caches."""

from __future__ import annotations

import os
import time

from fastapi import Request, Response

from orchestration.storage import FileChangedError, open_below
from serving.http.conditional import Conditions, Outcome, Validators, evaluate
from serving.http.errors import ApiError, PreconditionFailedError
from serving.kernel.resources import Resources

# A picture changes only with its file or its generator. Browsers notice a change within these seconds.
_CACHE_CONTROL = "private, max-age=300"


class PictureNotMadeError(ApiError):
    """The picture has not been generated yet."""

    status = 404
    code = "PICTURE_NOT_MADE"
    message = "This picture has not been generated yet; an ingest generates it."


class PictureUnreadableError(ApiError):
    """The picture exists but cannot be read, because of a disk error or missing permissions."""

    status = 503
    code = "PICTURE_UNREADABLE"
    message = "This picture cannot be read at the moment; try again later."


async def picture_response(
    request: Request, resources: Resources, path: str | None, media_type: str
) -> Response:
    """Return a response with the picture at `path` below the thumbnails folder, or with status 304.

    Raises `PictureNotMadeError`, `PictureUnreadableError` and `PreconditionFailedError`.
    """
    if path is None:
        raise PictureNotMadeError
    try:
        body, mtime_ns = await resources.in_thread(_read, resources.thumbnails, os.fsencode(path))
    except (FileNotFoundError, FileChangedError):
        raise PictureNotMadeError from None
    except OSError as error:
        raise PictureUnreadableError(details={"reason": error.strerror or str(error)}) from None
    now = time.time()
    validators = Validators.of_file(mtime_ns, len(body), now)
    headers = validators.headers | {"cache-control": _CACHE_CONTROL}
    match evaluate(Conditions.read(request.headers.getlist), validators, now):
        case Outcome.PRECONDITION_FAILED:
            raise PreconditionFailedError
        case Outcome.NOT_MODIFIED:
            return Response(status_code=304, headers=headers)
        case Outcome.PROCEED:
            return Response(body, media_type=media_type, headers=headers)


def _read(folder: bytes, path: bytes) -> tuple[bytes, int]:
    file = open_below(folder, path)
    try:
        return file.read(0, file.size), file.mtime_ns
    finally:
        file.close()

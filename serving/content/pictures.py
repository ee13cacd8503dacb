"""Responses with posters and storyboards: small files, sent whole, with validators for browser caches."""

from __future__ import annotations

import datetime as dt
import os
import time

from fastapi import Request, Response

from orchestration.storage import FileChangedError, open_below
from serving.http.conditional import Conditions, Outcome, Validators, evaluate
from serving.http.errors import ApiError, PreconditionFailedError
from serving.kernel.resources import Resources

# For an address with the current version: each version has its own address.
_FOREVER = "private, max-age=31536000, immutable"
# For other addresses: browsers notice a change within this time.
_FOR_A_WHILE = "private, max-age=300"


MEDIA_TYPES = {"jpg": "image/jpeg", "webp": "image/webp", "vtt": "text/vtt"}


class PictureNotMadeError(ApiError):
    """The picture has not been generated yet."""

    status = 404
    code = "PICTURE_NOT_MADE"
    message = "This picture has not been generated yet; an ingest generates it."


class PictureNotFoundError(ApiError):
    """The title has pictures, but none with this width or number; the details list those that it has."""

    status = 404
    code = "PICTURE_NOT_FOUND"
    message = "This title has no picture with this width or number; the details list those that it has."


class PictureUnreadableError(ApiError):
    """The picture exists but cannot be read, because of a disk error or missing permissions."""

    status = 503
    code = "PICTURE_UNREADABLE"
    message = "This picture cannot be read at the moment; try again later."


async def picture_response(
    request: Request, resources: Resources, path: str, current_since: dt.datetime | None = None
) -> Response:
    """Return a response with the picture at `path` below the thumbnails folder, or with status 304.

    `current_since`: when the version in the address was stored, which may be cached for a year. A later file
    belongs to the next version, whose rows are not stored yet.

    Raises `PictureNotMadeError`, `PictureUnreadableError` and `PreconditionFailedError`.
    """
    try:
        body, mtime_ns = await resources.in_thread(_read, resources.thumbnails, os.fsencode(path))
    except (FileNotFoundError, FileChangedError):
        raise PictureNotMadeError from None
    except OSError as error:
        raise PictureUnreadableError(details={"reason": error.strerror or str(error)}) from None
    now = time.time()
    validators = Validators.of_file(mtime_ns, len(body), now)
    forever = current_since is not None and mtime_ns <= current_since.timestamp() * 1e9
    headers = validators.headers | {"cache-control": _FOREVER if forever else _FOR_A_WHILE}
    match evaluate(Conditions.read(request.headers.getlist), validators, now):
        case Outcome.PRECONDITION_FAILED:
            raise PreconditionFailedError
        case Outcome.NOT_MODIFIED:
            return Response(status_code=304, headers=headers)
        case Outcome.PROCEED:
            return Response(body, media_type=_media_type(path), headers=headers)


def _media_type(path: str) -> str:
    return MEDIA_TYPES[path.rpartition(".")[2]]


def _read(folder: bytes, path: bytes) -> tuple[bytes, int]:
    file = open_below(folder, path)
    try:
        return file.read(0, file.size), file.mtime_ns
    finally:
        file.close()

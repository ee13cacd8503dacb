"""Why a title's bytes are not sent."""

from __future__ import annotations

from serving.errors import ApiError


class NotPlayableError(ApiError):
    """No file of the title plays in a browser; the details say why."""

    status = 409
    code = "STREAM_NOT_PLAYABLE"
    message = "This title is being prepared: no file of it plays in a browser yet."


class FileMissingError(ApiError):
    """The catalogue knows the file, the archive does not have it now."""

    status = 404
    code = "STREAM_FILE_MISSING"
    message = "The file of this title is not in the archive any more; the next ingest will notice."


class FileUnreadableError(ApiError):
    """The archive does not give the file."""

    status = 503
    code = "STREAM_FILE_UNREADABLE"
    message = "The archive does not give the file of this title; try again in a moment."


class RangeNotSatisfiableError(ApiError):
    """The file ends before the first byte that the request asks for."""

    status = 416
    code = "RANGE_NOT_SATISFIABLE"
    message = "The file ends before the first byte that the request asks for."

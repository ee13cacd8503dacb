"""Why a title's bytes are not sent."""

from __future__ import annotations

from math import ceil

from serving.http.errors import ApiError, AuthRequiredError


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


class WaitingError(ApiError):
    """The player waits for a place; asking again keeps its position in the queue."""

    status = 503
    code = "STREAM_WAITING"
    message = "All places are taken: you are number 1 of those who wait."

    def __init__(self, position: int, retry_after: float) -> None:
        super().__init__(
            f"All places are taken: you are number {position} of those who wait.",
            details={"position": position},
            headers={"retry-after": str(ceil(retry_after))},
        )


class UrlInvalidError(AuthRequiredError):
    """The playback URL was not signed here, or is too old."""

    code = "PLAYBACK_URL_INVALID"
    message = "This playback URL is not valid, or not any more: POST /api/stream/{id}/start gives a new one."


class UrlForeignError(ApiError):
    """The playback URL is another title's or another person's."""

    status = 403
    code = "PLAYBACK_URL_FOREIGN"
    message = "This playback URL was made for another title or another person."

"""Why a title does not play: what block cache decides and block stream passes on."""

from __future__ import annotations

from serving.http.errors import ApiError


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


class PlaybackNotFoundError(ApiError):
    """No playback session of this person and title has this id."""

    status = 404
    code = "PLAYBACK_NOT_FOUND"
    message = "You have no playback session with this id: POST /api/stream/{id}/start opens one."


_WHY = {
    "ended": "This playback session was ended by its player.",
    "taken_over": "Another player of yours took the place of this one.",
    "expired": "This playback session gave no sign of life for too long.",
    "left": "This playback session gave no sign of life for too long.",
    "changed": "The file of this title was replaced while it played: start it again.",
    "revoked": "This playback session was ended: the sign-in or the account is no longer valid.",
}


class PlaybackEndedError(ApiError):
    """The playback session is over for good; the details say why."""

    status = 410
    code = "PLAYBACK_ENDED"
    message = "This playback session is over."

    def __init__(self, reason: str = "ended") -> None:
        super().__init__(_WHY.get(reason), details={"reason": reason})


class StreamLimitError(ApiError):
    """The person plays, or waits for, as many titles as one person may; the details name them."""

    status = 429
    code = "STREAM_LIMIT_REACHED"
    message = "You play 3 titles already. End one of them, or take its place over."


class QueueFullError(ApiError):
    """All places are taken, and so are those in the queue."""

    status = 503
    code = "STREAM_QUEUE_FULL"
    message = "All places are taken, and the queue for them is full; try again in a moment."

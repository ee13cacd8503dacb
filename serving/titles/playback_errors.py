"""Errors of playback, which block cache raises and block stream passes on."""

from __future__ import annotations

from serving.http.errors import ApiError


class NotPlayableError(ApiError):
    """No file of the title plays in a browser; the details give the reasons."""

    status = 409
    code = "STREAM_NOT_PLAYABLE"
    message = "This title is being prepared: none of its files plays in a browser yet."


class FileMissingError(ApiError):
    """The file of the title is missing from the archive."""

    status = 404
    code = "STREAM_FILE_MISSING"
    message = "The file of this title is no longer in the archive; the next ingest updates the catalogue."


class PlaybackNotFoundError(ApiError):
    """The viewer has no playback session of this title with this id."""

    status = 404
    code = "PLAYBACK_NOT_FOUND"
    message = "You have no playback session with this id: open one with POST /api/stream/{id}/start."


_WHY = {
    "ended": "The player ended this playback session.",
    "taken_over": "Another of your players took over the slot of this playback session.",
    "expired": "This playback session expired: its player sent no heartbeat and loaded no bytes.",
    "left": "This playback session expired: its player sent no heartbeat and loaded no bytes.",
    "changed": "The file of this title was replaced during playback: start it again.",
    "revoked": "This playback session was ended because its sign-in or account is no longer valid.",
}


class PlaybackEndedError(ApiError):
    """The playback session has ended for good; the details give the reason."""

    status = 410
    code = "PLAYBACK_ENDED"
    message = "This playback session has ended."

    def __init__(self, reason: str = "ended") -> None:
        super().__init__(_WHY.get(reason), details={"reason": reason})


class StreamLimitError(ApiError):
    """The account has as many open playback sessions as allowed; the details list them."""

    status = 429
    code = "STREAM_LIMIT_REACHED"
    message = "You are already playing 3 titles: end one of them, or take over its slot."


class QueueFullError(ApiError):
    """All slots are in use, and the queue is full."""

    status = 503
    code = "STREAM_QUEUE_FULL"
    message = "All slots are in use and the queue is full; try again in a moment."

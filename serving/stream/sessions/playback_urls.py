"""Signed playback URLs, because a `<video>` cannot send a header and a URL must not contain an access token.

A signature is valid for one playback session, one title and one account, for some hours. Its format is
`base64url(playback_id ‖ content_id ‖ user_id ‖ expiry in seconds since 1970 ‖ HMAC-SHA256)`.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import struct
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache

from serving.http.errors import ApiError, AuthRequiredError

_SIGNED = struct.Struct(">16s16s16sQ")
# In characters; they encode 88 bytes.
_LENGTH = 120

# In seconds.
LONGEST = 12 * 3_600
# In seconds, added to the duration of the title.
_SPARE = 3_600


class UrlInvalidError(AuthRequiredError):
    """The playback URL has an invalid signature, or has expired."""

    code = "PLAYBACK_URL_INVALID"
    message = "This playback URL is invalid or has expired: get a new one with POST /api/stream/{id}/start."


class UrlForeignError(ApiError):
    """The playback URL belongs to another title or another account."""

    status = 403
    code = "PLAYBACK_URL_FOREIGN"
    message = "This playback URL belongs to another title or another account."


@dataclass(frozen=True, slots=True)
class PlaybackGrant:
    """The access that a playback URL grants, until `expires_at` (in seconds since 1970)."""

    playback_id: uuid.UUID
    content_id: uuid.UUID
    user_id: uuid.UUID
    expires_at: int


def lifetime(duration_seconds: float | None) -> int:
    """Return the lifetime of a URL in seconds: the duration of the title and an hour for breaks."""
    return LONGEST if duration_seconds is None else int(min(duration_seconds + _SPARE, LONGEST))


def sign(grant: PlaybackGrant, key: bytes) -> str:
    """Return the signature of a grant, for use in a URL."""
    ids = (grant.playback_id.bytes, grant.content_id.bytes, grant.user_id.bytes)
    signed = _SIGNED.pack(*ids, grant.expires_at)
    return urlsafe_b64encode(signed + hmac.digest(key, signed, hashlib.sha256)).decode()


def read(text: str, key: bytes, now: float) -> PlaybackGrant | None:
    """Return the grant of a signature, or None if it is invalid or has expired."""
    grant = _genuine(text, key)
    return grant if grant is not None and now < grant.expires_at else None


# A player that seeks sends the same URL many times.
@lru_cache(4_096)
def _genuine(text: str, key: bytes) -> PlaybackGrant | None:
    if len(text) != _LENGTH or not text.isascii():
        return None
    try:
        fields = _SIGNED.unpack(urlsafe_b64decode(text)[: _SIGNED.size])
    except (binascii.Error, struct.error):
        return None
    playback_id, content_id, user_id = (uuid.UUID(bytes=each) for each in fields[:3])
    grant = PlaybackGrant(playback_id, content_id, user_id, fields[3])
    # Compared as text, because different texts may decode to the same bytes.
    return grant if hmac.compare_digest(sign(grant, key), text) else None
